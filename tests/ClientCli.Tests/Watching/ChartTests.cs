using Orleans.FL.ClientCli.Runs;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Watching;

public class ChartTests
{
    [Fact]
    public void A_spark_goes_from_the_lowest_block_to_the_highest() =>
        Assert.Equal("▁▂▃▄▅▆▇█", Chart.Spark([0, 1, 2, 3, 4, 5, 6, 7], 20));

    [Fact]
    public void More_values_than_columns_are_averaged() =>
        // Two a column: 0.5, 2.5, 4.5, 6.5 of 7 levels; a half goes to the even level.
        Assert.Equal("▁▃▅▇", Chart.Spark([0, 1, 2, 3, 4, 5, 6, 7], 4));

    [Fact]
    public void Equal_values_are_a_level_line() => Assert.Equal("▄▄▄", Chart.Spark([0.5, 0.5, 0.5], 10));

    [Fact]
    public void No_values_are_nothing()
    {
        Assert.Equal("", Chart.Spark([], 10));
        Assert.Empty(Chart.Curve([], 10, 4));
    }

    [Fact]
    public void A_curve_has_its_scale_and_its_rounds()
    {
        var lines = Chart.Curve([(1, 0.25), (2, 0.75)], 12, 2).ToArray();

        // Two values, six columns each; low is one eighth, high is two whole lines.
        Assert.Equal("  0.750 ┤      ██████", lines[0]);
        Assert.Equal("  0.250 ┤▁▁▁▁▁▁██████", lines[1]);
        Assert.Equal("        └────────────", lines[2]);
        Assert.Equal("  round  1          2", lines[3]);
    }
}
