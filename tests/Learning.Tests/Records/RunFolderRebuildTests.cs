using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RunFolderRebuildTests : IDisposable
{
    private static readonly string[] Lines = ["metrics.csv", "nodes.csv", "metrics.jsonl", "events.jsonl"];

    private readonly TemporaryFolder _root = new();
    private readonly TimeProvider _time = new TensorBoardFileTests.Clock("2026-01-02T03:04:05.25Z");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_rebuilt_folder_is_the_one_that_was_never_interrupted()
    {
        using (var whole = RunFolder.Create(_root.Path, "whole", _time, Classes.Task)) Fill(whole, 1, 4);
        using (var killed = RunFolder.Create(_root.Path, "killed", _time, Classes.Task)) Fill(killed, 1, 3);

        using (var rebuilt = RunFolder.Rebuild(_root.Path, "killed", _time, Classes.Task, Rounds(1, 2), Events(1, 2)))
            Fill(rebuilt, 3, 4);

        foreach (var file in Lines)
            Assert.Equal(File.ReadAllText(_root.In("whole", file)), File.ReadAllText(_root.In("killed", file)));
        Assert.Equal(Curves("whole"), Curves("killed"));
        Assert.Equal(3 + 2, File.ReadAllLines(_root.In("killed", "log.txt")).Length);
        Assert.Empty(Directory.GetDirectories(_root.In("killed"), ".rebuild-*"));
    }

    [Fact]
    public void A_rebuilt_folder_has_the_metrics_of_the_rounds_that_are_done_and_goes_on_with_them()
    {
        RoundReport Found(int round) =>
            Reports.Round(round) is var r
                ? r with { Nodes = [r.Nodes[0] with { PeerScores = [new("kl", 1, round)] }] }
                : r;
        using (var killed = RunFolder.Create(_root.Path, "x", _time, Classes.Task))
            for (var round = 1; round < 4; round++) killed.AppendRound(Found(round));

        using (var rebuilt = RunFolder.Rebuild(_root.Path, "x", _time, Classes.Task, [Found(1)], []))
            rebuilt.AppendRound(Found(2));

        Assert.Equal(["1,0,1,kl,1", "2,0,1,kl,2"], File.ReadAllLines(_root.In("x", "peer_scores.csv"))[1..]);
        using (var rebuilt = RunFolder.Rebuild(_root.Path, "x", _time, Classes.Task, [], []))
            rebuilt.AppendRound(Found(1));
        Assert.Equal(["1,0,1,kl,1"], File.ReadAllLines(_root.In("x", "peer_scores.csv"))[1..]);
    }

    [Fact]
    public void On_another_machine_the_folder_comes_into_being()
    {
        using (var whole = RunFolder.Create(_root.Path, "whole", _time, Classes.Task)) Fill(whole, 1, 2);

        RunFolder.Rebuild(_root.In("elsewhere"), "x", _time, Classes.Task, Rounds(1, 2), Events(1, 2)).Dispose();

        foreach (var file in Lines)
            Assert.Equal(File.ReadAllText(_root.In("whole", file)), File.ReadAllText(_root.In("elsewhere", "x", file)));
        Assert.Equal("", File.ReadAllText(_root.In("elsewhere", "x", "log.txt")));
    }

    [Fact]
    public void An_owner_that_was_only_thought_dead_writes_into_files_that_nobody_sees()
    {
        using var zombie = RunFolder.Create(_root.Path, "x", _time, Classes.Task);
        Fill(zombie, 1, 2);

        using var heir = RunFolder.Rebuild(_root.Path, "x", _time, Classes.Task, Rounds(1, 2), Events(1, 2));
        Fill(zombie, 7, 9);
        Fill(heir, 3, 3);

        Assert.Equal([1, 2, 3], RunFolderReader.Open(_root.In("x")).Rounds().Select(r => r.Round));
        Assert.DoesNotContain("7", ReadShared("events.jsonl"), StringComparison.Ordinal);
        Assert.DoesNotContain("7", ReadShared("log.txt"), StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], Curves("x").Select(c => c.Step).Distinct());
        zombie.Dispose();
        Assert.Equal(RunOutcome.Running, RunFolderReader.Open(_root.In("x")).Status);
        heir.Dispose();
        Assert.Equal(RunOutcome.Unfinished, RunFolderReader.Open(_root.In("x")).Status);
    }

    [Fact]
    public void A_run_that_goes_on_is_not_over_any_more()
    {
        using (var stopped = RunFolder.Create(_root.Path, "x", _time, Classes.Task))
        {
            stopped.WriteExperiment("{}");
            stopped.WriteSummary(new RunSummary(RunOutcome.Stopped, 1, 1, _time.GetUtcNow()));
        }

        using var run = RunFolder.Rebuild(_root.Path, "x", _time, Classes.Task, [], []);

        Assert.Equal(RunOutcome.Running, RunFolderReader.Open(_root.In("x")).Status);
        Assert.Equal("{}", RunFolderReader.Open(_root.In("x")).ExperimentText());
    }

    [Fact]
    public void What_cannot_be_rebuilt_leaves_the_folder_as_it_was()
    {
        using (var killed = RunFolder.Create(_root.Path, "x", _time, Classes.Task)) Fill(killed, 1, 3);
        var before = Lines.Select(f => File.ReadAllText(_root.In("x", f))).ToList();

        Assert.Throws<ArgumentException>(() =>
            RunFolder.Rebuild(_root.Path, "x", _time, Classes.Task, Rounds(1, 1), ["two\nlines"]));

        Assert.Equal(before, Lines.Select(f => File.ReadAllText(_root.In("x", f))));
        Assert.Empty(Directory.GetDirectories(_root.In("x"), ".rebuild-*"));
        Assert.Throws<ExperimentException>(() => RunFolder.Rebuild(_root.Path, "../x", _time, Classes.Task, [], []));
    }

    private static IEnumerable<RoundReport> Rounds(int from, int to) =>
        Enumerable.Range(from, to - from + 1)
            .Select(r => RoundReportJson.Read(RoundReportJson.Write(Reports.Round(r))));

    private static IEnumerable<string> Events(int from, int to) =>
        Enumerable.Range(from, to - from + 1).Select(r => $"{{\"round\":{r}}}");

    private static void Fill(RunFolder run, int from, int to)
    {
        foreach (var (round, line) in Rounds(from, to).Zip(Events(from, to)))
        {
            run.AppendEvent(line);
            run.AppendRound(round);
            run.Log($"Round {round.Round}.");
        }
    }

    private List<(long Step, string Tag, float Value)> Curves(string run) =>
        [.. TensorBoardReader.Read(Directory.GetFiles(_root.In(run, "tensorboard")).Single())
            .SelectMany(e => e.Scalars.Select(s => (e.Step, s.Key, s.Value)))];

    private string ReadShared(string file)
    {
        using var stream = new FileStream(_root.In("x", file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
