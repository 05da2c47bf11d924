using Orleans.FL.Learning.Metrics;
using Xunit;

namespace Orleans.FL.Learning.Tests.Metrics;

public class SpreadTests
{
    // 0.1 + 0.1 + 0.1 is 0.30000000000000004, a third of which is above 0.1; seven times 0.7 is below 4.9.
    [Theory]
    [InlineData(0.1, 3)]
    [InlineData(0.7, 7)]
    [InlineData(-0.1, 3)]
    public void The_mean_of_equal_values_is_that_value(double value, int count) =>
        Assert.Equal(new Spread(value, value, value), Spread.Of(Enumerable.Repeat(value, count)));

    [Fact]
    public void No_number_among_them_makes_all_no_number() =>
        Assert.Equal(Spread.None, Spread.Of([1, double.NaN, 2]));
}
