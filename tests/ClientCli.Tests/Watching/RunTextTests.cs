using Orleans.FL.ClientCli.Runs;
using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Watching;

public class RunTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1500, "1.5 kB")]
    [InlineData(999_600, "1 MB")]
    [InlineData(133_069_600, "133 MB")]
    [InlineData(long.MaxValue, "9.22E+06 TB")]
    public void Bytes_come_in_powers_of_1000(long bytes, string text) => Assert.Equal(text, RunText.Bytes(bytes));

    [Theory]
    [InlineData(1.234, "1.23 s")]
    [InlineData(83.26, "83.3 s")]
    [InlineData(900, "15.0 min")]
    [InlineData(90_000, "25.0 h")]
    public void Seconds_grow_into_minutes_and_hours(double seconds, string text) =>
        Assert.Equal(text, RunText.Seconds(seconds));

    [Theory]
    [InlineData(null)]
    [InlineData(double.NaN)]
    public void What_was_not_measured_is_a_dash(double? value) => Assert.Equal("-", RunText.Loss(value));

    [Fact]
    public void An_absent_node_gets_a_line_with_its_reason()
    {
        var round = Sample.Round(2) with { Present = 1, Absent = [new Absence(1, "no answer")] };

        Assert.Equal("  node 1 missed round 2: no answer", LineDisplay.Lines(round).Last());
    }
}
