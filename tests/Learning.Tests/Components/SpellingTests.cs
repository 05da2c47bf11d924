using Orleans.FL.Learning.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Components;

public class SpellingTests
{
    private static readonly string[] Known = ["fedavg", "fedprox", "scaffold", "batchSize", "mlp", "cnn"];

    [Theory]
    [InlineData("fedprix", "fedprox")] // one letter for another
    [InlineData("fedpro", "fedprox")] // one left out
    [InlineData("scaffodl", "scaffold")] // two swapped
    [InlineData("batch_size", "batchSize")] // another style
    [InlineData("FEDAVG", "fedavg")]
    [InlineData("mpl", "mlp")]
    [InlineData("resnet", null)]
    [InlineData("nn", "cnn")]
    [InlineData("", null)]
    public void The_nearest_word_is_proposed_only_if_it_is_near(string word, string? expected) =>
        Assert.Equal(expected, Spelling.Nearest(word, Known));

    [Fact]
    public void A_quoted_word_cannot_write_to_a_terminal() =>
        Assert.Equal("'a\\u001b[31m\\u202eb'", Spelling.Quote("a\u001b[31m\u202Eb"));

    [Fact]
    public void A_long_word_is_cut() =>
        Assert.Equal(63, Spelling.Quote(new string('x', 1_000_000)).Length); // 60, an ellipsis and two quotes

    [Fact]
    public void A_text_with_half_a_surrogate_pair_is_not_whole()
    {
        Assert.True(Spelling.IsWhole("plain"));
        Assert.True(Spelling.IsWhole("\U0001F600"));
        Assert.False(Spelling.IsWhole("\ud83d"));
        Assert.False(Spelling.IsWhole("\ude00\ud83d"));
    }
}
