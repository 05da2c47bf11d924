using Orleans.FL.Learning.Components;
using Xunit;

namespace Orleans.FL.Learning.Tests.Components;

public class OptionRangeTests
{
    private const double None = double.PositiveInfinity;

    [Theory]
    [InlineData(1, 1_000_000, false, false, "1 to 1000000")]
    [InlineData(0, 1, true, false, "above 0, at most 1")]
    [InlineData(0, 1, false, true, "at least 0, below 1")]
    [InlineData(0, None, false, false, "0 or more")]
    [InlineData(0.5, None, true, false, "above 0.5")]
    [InlineData(-None, 5, false, false, "5 or less")]
    [InlineData(-None, 5, false, true, "below 5")]
    [InlineData(-None, None, false, false, "")]
    [InlineData(0, 9007199254740991, false, false, "0 to 9007199254740991")]
    [InlineData(1e-9, 1e30, false, false, "1E-09 to 1E+30")]
    public void A_range_reads_as_words(double min, double max, bool aboveMin, bool belowMax, string words) =>
        Assert.Equal(words, new OptionRange(min, max, aboveMin, belowMax).ToString());

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(0, true, false)]
    [InlineData(1e-300, true, true)]
    [InlineData(-1e-300, false, false)]
    [InlineData(double.NaN, false, false)]
    public void The_lower_end_is_in_unless_it_is_refused(double number, bool aboveMin, bool isIn) =>
        Assert.Equal(isIn, new OptionRange(0, None, aboveMin, false).Contains(number));

    [Theory]
    [InlineData(1, false, true)]
    [InlineData(1, true, false)]
    [InlineData(1.0000001, false, false)]
    public void The_upper_end_is_in_unless_it_is_refused(double number, bool belowMax, bool isIn) =>
        Assert.Equal(isIn, new OptionRange(0, 1, false, belowMax).Contains(number));
}
