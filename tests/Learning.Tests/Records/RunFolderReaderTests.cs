using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RunFolderReaderTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly TemporaryFolder _root = new();
    private readonly TimeProvider _time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05Z");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_finished_run_is_read_as_it_was_written()
    {
        var manifest = Manifest("x", Start) with { Remarks = ["Nobody meant it."] };
        var summary = new RunSummary(RunOutcome.Finished, 2, 3.5, Start.AddSeconds(3.5))
        {
            WeightsSha256 = new('a', 64),
            Score = new TestScore("accuracy", 0.1 + 0.2, null),
            BestRound = 1,
        };
        using (var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task))
        {
            run.WriteExperiment("""{"name":"é"}""");
            run.WriteManifest(manifest);
            run.AppendRound(Reports.Round(1));
            run.AppendRound(Reports.Round(2));
            run.WriteSummary(summary);
        }

        var reader = RunFolderReader.Open(_root.Path, "x");

        Assert.Equal("""{"name":"é"}""", reader.ExperimentText());
        Assert.Equal(summary, reader.Summary());
        var read = Assert.IsType<RunManifest>(reader.Manifest());
        Assert.Equal(manifest.Versions, read.Versions);
        Assert.Equal(["Nobody meant it."], read.Remarks);
        // records compare dictionaries and lists by reference
        Assert.Equal(manifest, read with { Versions = manifest.Versions, Remarks = manifest.Remarks });
        Assert.Equal([1, 2], reader.Rounds().Select(r => r.Round));
        Assert.Equal(0.65, reader.Rounds()[0]["test_accuracy"]);
        Assert.Equal(double.NaN, reader.Rounds()[0]["local_test_loss"]);
        Assert.Equal(RunOutcome.Finished, reader.Status);
    }

    [Fact]
    public void A_run_is_running_while_it_is_owned_and_unfinished_after()
    {
        var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);
        Assert.Equal(RunOutcome.Running, RunFolderReader.Open(_root.Path, "x").Status);

        run.Dispose();

        Assert.Equal(RunOutcome.Unfinished, RunFolderReader.Open(_root.Path, "x").Status);
    }

    [Theory]
    [InlineData(RunOutcome.Running)]
    [InlineData(RunOutcome.Unfinished)]
    public void A_summary_shows_the_end(RunOutcome status)
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);

        Assert.Throws<ArgumentException>(() => run.WriteSummary(new RunSummary(status, 0, 0, Start)));
    }

    [Fact]
    public void A_last_line_that_was_cut_anywhere_is_left_out()
    {
        var path = WithRounds(3);
        var whole = File.ReadAllBytes(path);
        var last = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;

        for (var length = last; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Equal([1, 2], RunFolderReader.Open(_root.Path, "x").Rounds().Select(r => r.Round));
        }
    }

    [Theory]
    [InlineData("{\"round\":2,")]
    [InlineData("{\"round\":[2]}")]
    [InlineData("{\"round\":2.5}")]
    [InlineData("{\"round\":99999999999}")]
    [InlineData("{\"seconds\":1}")]
    [InlineData("[1]")]
    [InlineData("")]
    [InlineData("\0\0\0")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"round\":2}{}")]
    public void A_damaged_line_in_the_middle_is_named(string line)
    {
        var path = WithRounds(2);
        var lines = File.ReadAllLines(path);
        File.WriteAllText(path, $"{lines[0]}\n{line}\n{lines[1]}\n");

        var e = Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path, "x").Rounds());

        Assert.StartsWith($"{path} is damaged in line 2: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_end_is_refused_before_it_fills_memory()
    {
        var path = WithRounds(1);
        File.AppendAllText(path, new string('x', 10_000_000));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var e = Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path, "x").Rounds());

        Assert.Contains("line 2: the line is longer than 65536 bytes", e.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Many_rounds_cross_the_buffer()
    {
        WithRounds(1000); // about 400 bytes each

        Assert.Equal(Enumerable.Range(1, 1000), RunFolderReader.Open(_root.Path, "x").Rounds().Select(r => r.Round));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"status":"running by","rounds":1,"seconds":1,"finishedUtc":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"status":0,"rounds":1,"seconds":1,"finishedUtc":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"status":"finished","rounds":1e99,"seconds":1,"finishedUtc":"2026-01-02T03:04:05Z"}""")]
    [InlineData("""{"status":"finished","rounds":1,"seconds":1,"finishedUtc":"soon"}""")]
    public void A_damaged_summary_is_a_sentence_and_does_not_hide_the_other_runs(string text)
    {
        WithRounds(1);
        RunFolder.Create(_root.Path, "y", _time, Classes.Task).Dispose();
        var path = _root.In("x", "summary.json");
        File.WriteAllText(path, text);

        var e = Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path, "x").Summary());

        Assert.StartsWith($"{path} is damaged: ", e.Message, StringComparison.Ordinal);
        Assert.Equal([("x", null, e.Message), ("y", RunOutcome.Unfinished, null)],
            RunFolderReader.List(_root.Path).Select(r => (r.Id, r.Status, r.ValidationError)));
    }

    [Fact]
    public void A_manifest_nested_deeply_or_too_long_is_a_sentence()
    {
        WithRounds(1);
        var path = _root.In("x", "manifest.json");

        File.WriteAllText(path, """{"runId":""" + new string('[', 100_000));
        Assert.Contains("is damaged", ValidationError(), StringComparison.Ordinal);
        using (var stream = new FileStream(path, FileMode.Create)) stream.SetLength((16 << 20) + 1);
        Assert.Contains("at most 16777216 are read", ValidationError(), StringComparison.Ordinal);

        string ValidationError() =>
            Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path, "x").Manifest()).Message;
    }

    [Fact]
    public void A_list_is_in_order_of_start_and_leaves_out_what_is_no_run()
    {
        Make("b", Start, RunOutcome.Finished);
        Make("a", Start.AddHours(1), RunOutcome.Stopped);
        Make("c", Start.AddHours(-1), RunOutcome.Failed);
        Directory.CreateDirectory(_root.In("notes"));
        File.WriteAllText(_root.In("file"), "");

        Assert.Equal([("c", RunOutcome.Failed), ("b", RunOutcome.Finished), ("a", RunOutcome.Stopped)],
            RunFolderReader.List(_root.Path).Select(r => (r.Id, r.Status!.Value)));
        Assert.All(RunFolderReader.List(_root.Path),
            r => Assert.Equal((2, 0.75, null), (r.Rounds, r.Score!.Last, r.ValidationError)));
    }

    [Fact]
    public void No_root_is_no_run() => Assert.Empty(RunFolderReader.List(_root.In("none")));

    [Fact]
    public void An_unknown_run_is_a_sentence() => Assert.Equal(
        $"There is no run 'z' in {_root.Path}; 'flctl list' names the runs that there are.",
        Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path, "z")).Message);

    [Fact]
    public void A_folder_that_is_no_run_is_a_sentence() => Assert.Equal(
        $"{_root.Path} is not a run's folder: it has no manifest.json.",
        Assert.Throws<ExperimentException>(() => RunFolderReader.Open(_root.Path + "/")).Message);

    private static RunManifest Manifest(string id, DateTimeOffset start) => new(
        id, new('b', 64), 9007199254740991, start, "0.1.0", new Dictionary<string, string> { ["libtorch"] = "2.10.0" },
        null, 2, 1, Machine.Here());

    private void Make(string id, DateTimeOffset start, RunOutcome status)
    {
        using var run = RunFolder.Create(_root.Path, id, _time, Classes.Task);
        run.WriteManifest(Manifest(id, start));
        run.WriteSummary(new RunSummary(status, 2, 1, start) { Score = new TestScore("accuracy", 0.75, null) });
    }

    private string WithRounds(int rounds)
    {
        using var run = RunFolder.Create(_root.Path, "x", _time, Classes.Task);
        for (var round = 1; round <= rounds; round++) run.AppendRound(Reports.Round(round));
        return _root.In("x", "metrics.jsonl");
    }
}
