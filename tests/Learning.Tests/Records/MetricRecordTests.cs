using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class MetricRecordTests : IDisposable
{
    private static readonly Metric[] Metrics = [Metric.Of("norm", MergeRule.Mean),
        Metric.Of("worst", MergeRule.Max, "nats")];

    private readonly TemporaryFolder _root = new();
    private readonly TimeProvider _time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05.25Z");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Metrics_are_the_last_columns_and_empty_where_there_is_no_value()
    {
        using (var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task, Metrics))
        {
            run.AppendRound(Emitting(1));
            run.AppendRound(Reports.Round(2));
        }

        // norm: (0.5·1 + 2·3) / 4 = 1.625; the worst is node 2's alone. Node 1 is absent.
        var rounds = Last("metrics.csv", 2);
        Assert.Equal(["norm,worst", "1.625,-7", ","], rounds);
        Assert.Equal(["norm,worst", "0.5,", ",", "2,-7", ",", ",", ","], Last("nodes.csv", 2));
        var lines = File.ReadAllLines(_root.In("x", "metrics.jsonl"));
        Assert.EndsWith(",\"norm\":1.625,\"worst\":-7}", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("norm", lines[1], StringComparison.Ordinal);
        var curves = TensorBoardReader.Read(Directory.GetFiles(_root.In("x", "tensorboard")).Single())
            .SelectMany(e => e.Scalars.Select(s => (e.Step, s.Key, s.Value)));
        Assert.Equal([(1, "node-0000/norm", 0.5f), (1, "node-0002/norm", 2f), (1, "node-0002/worst", -7f),
            (1, "metrics/norm", 1.625f), (1, "metrics/worst", -7f)], curves.Where(c =>
                c.Key.EndsWith("norm", StringComparison.Ordinal) || c.Key.EndsWith("worst", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_value_of_the_round_itself_is_merged_with_those_of_the_nodes()
    {
        var report = Emitting(1) with { Metrics = [new("norm", 10, 4)] };

        Assert.Equal(5.8125, report.ValueOf(Metrics[0])); // (0.5·1 + 2·3 + 10·4) / 8 = 46.5 / 8
        Assert.Equal(report.Metrics, RoundReportJson.Read(RoundReportJson.Write(report)).Metrics);
    }

    [Fact]
    public void A_report_with_metrics_reads_back_to_the_same_bits_and_one_without_has_none()
    {
        var report = Emitting(3);
        report = report with
        {
            Nodes = [report.Nodes[0] with { Metrics = [new("norm", 1.0 / 3, 0.1), new("worst", double.NaN, 0)] },
                .. report.Nodes.Skip(1)]
        };

        Assert.Equal(report.Nodes, RoundReportJson.Read(RoundReportJson.Write(report)).Nodes);
        Assert.DoesNotContain("metrics", RoundReportJson.Write(Reports.Round()), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() =>
            RoundReportJson.Read("""{"round":1,"seconds":1,"wireBytes":0,"nodes":[],"metrics":[[0,null,1,1]]}"""));
        Assert.Throws<FormatException>(() =>
            RoundReportJson.Read("""{"round":1,"seconds":1,"wireBytes":0,"nodes":[],"metrics":[[0,"x",1]]}"""));
    }

    [Fact]
    public void A_folder_that_is_rebuilt_from_the_journal_has_the_same_metrics()
    {
        using (var whole = RunFolder.Create(_root.Path, "whole", _time, Classes.Task, Metrics))
            for (var round = 1; round <= 3; round++) whole.AppendRound(Emitting(round));
        using (var killed = RunFolder.Create(_root.Path, "killed", _time, Classes.Task, Metrics))
            killed.AppendRound(Emitting(1));
        string[] journal = [.. Enumerable.Range(1, 2).Select(r => RoundReportJson.Write(Emitting(r)))];

        using (var rebuilt = RunFolder.Rebuild(_root.Path, "killed", _time, Classes.Task,
            journal.Select(RoundReportJson.Read), [], Metrics))
            rebuilt.AppendRound(Emitting(3));

        foreach (var file in (string[])["metrics.csv", "nodes.csv", "metrics.jsonl"])
            Assert.Equal(File.ReadAllText(_root.In("whole", file)), File.ReadAllText(_root.In("killed", file)));
    }

    /// <summary>Node 0 emits 0.5 with weight 1, node 2 emits 2 with weight 3 and -7; node 1 is absent.</summary>
    private static RoundReport Emitting(int round) => Reports.Round(round) is var r ? r with
    {
        Nodes =
        [
            r.Nodes[0] with { Metrics = [new("norm", 0.5, 1)] }, r.Nodes[1],
            r.Nodes[2] with { Metrics = [new("norm", 2, 3), new("worst", -7, 1)] },
        ],
    } : r;

    /// <summary>The last fields of each line.</summary>
    private IEnumerable<string> Last(string file, int fields) =>
        File.ReadAllLines(_root.In("x", file)).Select(line => string.Join(',', line.Split(',')[^fields..]));
}
