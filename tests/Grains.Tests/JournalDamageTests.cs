using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>A journal that something damaged counts up to its first wrong line, and the operator is told.</summary>
public sealed class JournalDamageTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    // Lines: registered, started, seated, round 1, round 2, …
    [Theory(Timeout = 120_000)]
    [InlineData("doubled", 6)]
    [InlineData("missing", 5)]
    [InlineData("exchanged", 5)]
    public async Task A_run_goes_on_from_the_lines_before_the_first_wrong_one_and_says_so(string what, int wrong)
    {
        var experiment = Toy.Experiment("rounds=40", "checkpoints.every=1");
        var grain = await StopAfterEight(experiment, what);
        Damage(what, lines => what switch
        {
            "doubled" => [.. lines[..5], lines[4], .. lines[5..]],
            "missing" => [.. lines[..4], .. lines[5..]],
            _ => [.. lines[..4], lines[6], lines[5], lines[4], .. lines[7..]],
        });

        await grain.Resume();

        var events = await cluster.WatchOn(what);
        await Simulated.HasTheBitsOf(experiment, events);
        Assert.Contains($"journal.jsonl is damaged in line {wrong}: it has the number",
            events.OfType<ReseatedEvent>().Last().Reason, StringComparison.Ordinal);
        Assert.Contains($"is damaged in line {wrong}", await Log(what), StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 40), RunFolderReader.Open(cluster.Runs, what).Rounds().Select(r => r.Round));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("torn", "is damaged in line 1: its checksum does not fit")]
    [InlineData("crlf", "is damaged in line 1: it ends with a carriage return")]
    public async Task Damage_of_the_first_line_is_named_by_whoever_asks(string what, string named)
    {
        var grain = await StopAfterEight(Toy.Experiment("rounds=40"), what);
        Damage(what, lines => what == "torn" ? [lines[0][..^1], .. lines[1..]] : [.. lines.Select(l => l + "\r")]);
        var before = await File.ReadAllTextAsync(Journal(what));
        await cluster.LetGo(what);

        var refusal = await Assert.ThrowsAsync<RunException>(grain.Resume);

        Assert.StartsWith($"Run '{what}' cannot go on: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Journal(what))); // nothing is cut
    }

    [Fact(Timeout = 60_000)]
    public async Task A_claim_that_nobody_made_is_named_and_no_obstacle_when_it_is_gone()
    {
        var experiment = Toy.Experiment("rounds=40");
        var grain = await StopAfterEight(experiment, "claims");
        var claim = Path.Combine(cluster.Runs, "claims", "checkpoints", "claims", "9223372036854775807");
        await File.WriteAllTextAsync(claim, "");
        await cluster.LetGo("claims");

        var refusal = await Assert.ThrowsAsync<RunException>(grain.Resume);
        File.Delete(claim);
        await grain.Resume();

        Assert.StartsWith($"{claim} is no claim that a silo made", refusal.Message, StringComparison.Ordinal);
        await Simulated.HasTheBitsOf(experiment, await cluster.WatchOn("claims"));
    }

    private async Task<IExperimentGrain> StopAfterEight(Learning.Experiments.Experiment experiment, string run)
    {
        var grain = await cluster.Begin(experiment, run);
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 8 });
        await grain.Stop();
        return grain;
    }

    private void Damage(string run, Func<string[], string[]> change) => File.WriteAllText(Journal(run),
        string.Concat(change(File.ReadAllText(Journal(run)).Split('\n')[..^1]).Select(l => $"{l}\n")));

    private string Journal(string run) => Directory.EnumerateFiles(
        Path.Combine(cluster.Runs, run, "checkpoints"), "journal.jsonl", SearchOption.AllDirectories).Single();

    private Task<string> Log(string run) => File.ReadAllTextAsync(Path.Combine(cluster.Runs, run, "log.txt"));
}
