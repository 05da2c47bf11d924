using System.Globalization;
using System.Text.Json;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RoundRecordTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly TimeProvider _time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05.25Z");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_columns_of_a_round_are_these()
    {
        Record([Reports.Round()]);

        // train: 200 samples, 82 right, loss (1 + 3) / 2; validation: 20, 10 right, loss 2; test: 0.5 and 0.8, loss 1.
        Assert.Equal(
        [
            "round,seconds,nodes,present,train_samples,train_loss,train_accuracy,"
                + "validation_samples,validation_loss,validation_accuracy,test_loss,test_loss_min,test_loss_max,"
                + "test_accuracy,test_accuracy_min,test_accuracy_max,local_test_loss,local_test_accuracy,steps,"
                + "train_seconds,payload_bytes,wire_bytes,simulated_seconds,staleness,staleness_max",
            "1,1.5,3,2,200,2,0.41,20,2,0.5,1,1,1,0.65,0.5,0.8,,,8,0.5,2002,77,,,",
        ], File.ReadAllLines(_root.In("x", "metrics.csv")));
    }

    [Fact]
    public void The_columns_of_a_node_are_these()
    {
        Record([Reports.Round()]);

        Assert.Equal(
        [
            "round,node,absence,steps,train_seconds,train_samples,train_loss,train_accuracy," +
            "validation_samples,validation_loss,validation_accuracy,test_samples,test_loss,test_accuracy," +
            "local_test_samples,local_test_loss,local_test_accuracy,sent_bytes,received_bytes",
            "1,0,,4,0.25,100,1,0.4,10,2,0.5,10,1,0.5,0,,,1000,2000",
            "1,1,\"no answer, \"\"late\"\" by 3 s\",0,0,0,,,0,,,0,,,0,,,0,0",
            "1,2,,4,0.25,100,3,0.42,10,2,0.5,10,1,0.8,0,,,1002,2002",
        ], File.ReadAllLines(_root.In("x", "nodes.csv")));
    }

    [Fact]
    public void Each_score_of_a_node_is_a_line_and_without_scores_there_is_no_file()
    {
        var report = Reports.Round();
        Record([report, report with
        {
            Round = 2,
            Nodes = [report.Nodes[0] with { PeerScores = [new("cka", 2, 0.5), new("kl", 2, double.NaN)] },
                .. report.Nodes.Skip(1)]
        }]);

        Assert.Equal(["round,node,other,measure,value", "2,0,2,cka,0.5", "2,0,2,kl,"],
            File.ReadAllLines(_root.In("x", "peer_scores.csv")));
        using (var folder = RunFolder.Create(_root.Path, "silent", _time, Classes.Task)) folder.AppendRound(report);
        Assert.False(File.Exists(_root.In("silent", "peer_scores.csv")));
    }

    [Fact]
    public void A_round_is_one_json_line_with_the_names_of_the_columns()
    {
        Record([Reports.Round()]);

        Assert.Equal(
            """{"round":1,"seconds":1.5,"nodes":3,"present":2,"train_samples":200,"train_loss":2,"""
            + "\"train_accuracy\":0.41,\"validation_samples\":20,\"validation_loss\":2,\"validation_accuracy\":0.5,"
            + "\"test_loss\":1,\"test_loss_min\":1,\"test_loss_max\":1,\"test_accuracy\":0.65,"
            + "\"test_accuracy_min\":0.5,\"test_accuracy_max\":0.8,\"steps\":8,\"train_seconds\":0.5,"
            + "\"payload_bytes\":2002,\"wire_bytes\":77}",
            File.ReadAllLines(_root.In("x", "metrics.jsonl")).Single());
    }

    [Fact]
    public void TensorBoard_and_json_hold_the_numbers_of_metrics_csv()
    {
        Record([.. Enumerable.Range(1, 5).Select(Uneven)]);

        var rows = Csv("metrics.csv");
        var events = Events()
            .Where(e => e.Scalars.Keys.Any(t => !t.StartsWith("node-", StringComparison.Ordinal))).ToList();
        var lines = File.ReadAllLines(_root.In("x", "metrics.jsonl"));
        Assert.Equal(5, events.Count);
        for (var i = 0; i < rows.Count; i++)
        {
            var measured = ReportColumns.OfRound(Classes.Task).Where(c => rows[i][c.Name].Length > 0).ToList();
            Assert.Equal(rows[i]["round"], $"{events[i].Step}");
            Assert.Equal(measured.ToDictionary(c => c.Tag, c => (float)Number(rows[i][c.Name])), events[i].Scalars);
            using var json = JsonDocument.Parse(lines[i]);
            Assert.Equal(measured.Select(c => (c.Name, Number(rows[i][c.Name]))).Prepend(("round", i + 1)),
                json.RootElement.EnumerateObject().Select(p => (p.Name, p.Value.GetDouble())));
        }
    }

    [Fact]
    public void TensorBoard_holds_the_numbers_of_nodes_csv()
    {
        Record([Uneven(1), Uneven(2)]);

        var rows = Csv("nodes.csv");
        var events = Events()
            .Where(e => e.Scalars.Keys.Any(t => t.StartsWith("node-", StringComparison.Ordinal))).ToList();
        Assert.Equal(rows.Count, events.Count);
        foreach (var (row, written) in rows.Zip(events))
        {
            var group = $"node-000{row["node"]}/";
            Assert.Equal(ReportColumns.OfNode(Classes.Task).Where(c => row[c.Name].Length > 0)
                .ToDictionary(c => group + c.Name, c => (float)Number(row[c.Name])), written.Scalars);
        }
    }

    [Theory]
    [InlineData(100, 101)]
    [InlineData(101, 1)]
    public void Curves_of_single_nodes_end_at_a_hundred_nodes(int nodes, int events)
    {
        Record([new RoundReport(1, [.. Enumerable.Range(0, nodes).Select(n => Reports.Node(n))], 1, 0)]);

        Assert.Equal(events, Events().Count);
        Assert.Equal(nodes, Csv("nodes.csv").Count);
    }

    // Numbers that no float32 holds exactly; every second round has no test.
    private static RoundReport Uneven(int round) => new(round, [.. Enumerable.Range(0, 3)
        .Select(n => Reports.Node(n, round, testCorrect: 1 + n, testSamples: round % 2 * 7) with
        {
            Training = new(97, 31, 123_456_789 * (n + round), 0),
            TrainSeconds = 0.1 * round / 3,
        })], 1.0 / round, 10_000_000_019 * round);

    private void Record(IReadOnlyList<RoundReport> rounds)
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);
        foreach (var round in rounds) run.AppendRound(round);
    }

    private List<TensorBoardEntry> Events() =>
        [.. TensorBoardReader.Read(Directory.GetFiles(_root.In("x", "tensorboard")).Single()).Skip(1)];

    private List<Dictionary<string, string>> Csv(string file)
    {
        var lines = File.ReadAllLines(_root.In("x", file)).Select(l => l.Split(',')).ToList();
        return [.. lines.Skip(1).Select(l => lines[0].Zip(l).ToDictionary(c => c.First, c => c.Second))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
