using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public class RoundReportJsonTests
{
    [Fact]
    public void A_report_reads_back_to_the_same_bits()
    {
        var report = Reports.Round(3) with { Seconds = 0.1 + 0.2, WireBytes = long.MaxValue };

        var read = RoundReportJson.Read(RoundReportJson.Write(report));

        AssertSame(report, read);
        Assert.DoesNotContain('\n', RoundReportJson.Write(report));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.MaxValue)]
    [InlineData(1.0 / 3)]
    public void Any_double_keeps_its_bits(double value)
    {
        var node = Reports.Node(0) with { TrainSeconds = value };

        var read = RoundReportJson.Read(RoundReportJson.Write(new RoundReport(1, [node], value, 0)));

        Assert.Equal(BitConverter.DoubleToUInt64Bits(value), BitConverter.DoubleToUInt64Bits(read.Seconds));
        Assert.Equal(BitConverter.DoubleToUInt64Bits(value),
            BitConverter.DoubleToUInt64Bits(read.Nodes[0].TrainSeconds));
    }

    [Fact]
    public void Simulated_time_reads_back_and_a_round_without_it_has_none()
    {
        var report = Reports.Round() with { SimulatedSeconds = 0.1 + 0.2, Staleness = new Spread(1.0 / 3, 0, 2) };

        var read = RoundReportJson.Read(RoundReportJson.Write(report));

        Assert.Equal((report.SimulatedSeconds, report.Staleness), (read.SimulatedSeconds, read.Staleness));
        Assert.True(double.IsNaN(RoundReportJson.Read(RoundReportJson.Write(Reports.Round())).SimulatedSeconds));
        Assert.DoesNotContain("simulated-time", RoundReportJson.Write(Reports.Round()));
    }

    [Fact]
    public void Every_part_of_a_node_has_its_place()
    {
        var node = new NodeReport(1, 2, Classes.Sums(3, 4, 5, 6), Classes.Sums(7, 8, -9, 10),
            Classes.Sums(11, 12, 13, 14),
            Classes.Sums(15, 16, long.MinValue, 18), 19, 20, 21, 22.5, "late, \"very\"\n\u2028é");

        Assert.Equal(node,
            RoundReportJson.Read(RoundReportJson.Write(new RoundReport(2, [node], 1, 0))).Nodes.Single());
    }

    [Fact]
    public void Metrics_read_back_and_a_round_without_them_has_none()
    {
        var report = Reports.Round();
        report = report with
        {
            Nodes = [report.Nodes[0] with { PeerScores = [new("cka", 2, 1.0 / 3), new("kl", 2, double.NaN)] },
                report.Nodes[1], report.Nodes[2]]
        };

        Assert.Equal(report.Nodes, RoundReportJson.Read(RoundReportJson.Write(report)).Nodes);
        Assert.DoesNotContain("peerScores", RoundReportJson.Write(Reports.Round()));
    }

    [Theory]
    [InlineData("""{"round":1,"seconds":1,"wireBytes":0,"nodes":[],"peerScores":[[0,"kl",1]]}""")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"round":1,"seconds":1,"wireBytes":0,"nodes":[[0,1]]}""")]
    [InlineData("""{"round":1,"seconds":"x","wireBytes":0,"nodes":[]}""")]
    [InlineData("""{"round":1.5,"seconds":1,"wireBytes":0,"nodes":[]}""")]
    public void What_is_no_report_is_refused(string line) =>
        Assert.StartsWith("This is no report of a round: ",
            Assert.Throws<FormatException>(() => RoundReportJson.Read(line)).Message, StringComparison.Ordinal);

    private static void AssertSame(RoundReport expected, RoundReport read)
    {
        Assert.Equal(expected.Nodes, read.Nodes);
        Assert.Equal((expected.Round, expected.Seconds, expected.WireBytes),
            (read.Round, read.Seconds, read.WireBytes));
    }
}
