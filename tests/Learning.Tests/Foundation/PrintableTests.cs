using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Learning.Tests.Foundation;

public sealed class PrintableTests
{
    [Theory]
    [InlineData("\u001b[2J\u001b[31mred", "\\u001b[2J\\u001b[31mred")]
    [InlineData("bell\u0007, delete\u007f, C1 \u009b31m", "bell\\u0007, delete\\u007f, C1 \\u009b31m")]
    [InlineData("failed\rfinished", "failed\\u000dfinished")] // writes over the line
    [InlineData("ab\u202edc", "ab\\u202edc")] // reads backwards
    [InlineData("one\u2028two", "one\\u2028two")]
    [InlineData("Zürich 東京 🙂", "Zürich 東京 🙂")]
    [InlineData("two\r\nlines\tand a tab\n", "two\r\nlines\tand a tab\n")]
    public void What_is_no_text_is_escaped(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    [Fact]
    public void A_line_stays_one_line() =>
        Assert.Equal("a b c d\\u001b[1A", Printable.Line("a\nb\r\nc\u0085d\u001b[1A"));
}
