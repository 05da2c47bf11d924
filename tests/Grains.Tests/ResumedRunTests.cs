using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>What a run keeps so that it can go on, and that it goes on to the same bits.</summary>
public sealed class ResumedRunTests(SharedClusters.ThreeSilosOneLane cluster)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>
{
    /// <summary>Only the server is tested, so that the other nodes may be idle.</summary>
    internal static readonly string[] NobodyIsTested = ["training.validationFraction=0",
        "partitioner.testSamplesPerNode=0"];

    [Theory(Timeout = 120_000)]
    [InlineData(0, 7)] // each round but the last
    [InlineData(3600, 1)] // the first, and then none for an hour
    public async Task Short_rounds_share_a_checkpoint(int secondsBetween, int checkpoints)
    {
        var run = $"seconds-between-{secondsBetween}";
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=8",
            $"checkpoints.secondsBetween={secondsBetween}");

        var events = await cluster.Finish(experiment, run);

        var phases = RunFolderReader.Open(cluster.Runs, run).Phases();
        Assert.Equal(Enumerable.Range(1, checkpoints), phases.Where(p => p.Phase == "checkpoint").Select(p => p.Round));
        await Simulated.HasTheBitsOf(experiment, events);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(1)]
    [InlineData(0.4)]
    public async Task A_run_that_was_stopped_is_resumed_to_the_same_bits(double fraction)
    {
        var run = FormattableString.Invariant($"resumed-{fraction}");
        var experiment = Toy.Experiment([.. NobodyIsTested,
            $"algorithm={{\"name\":\"scaffold\",\"clientFraction\":{fraction}}}", "rounds=40", "checkpoints.every=7"]);
        var grain = await cluster.Begin(experiment, run);
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 9 });
        Assert.Equal(RunState.Stopped, (await grain.Stop()).State);

        await grain.Resume();

        Assert.NotEqual(RunState.Stopped, (await grain.Status()).State);
        var events = await cluster.WatchOn(run);
        await Simulated.HasTheBitsOf(experiment, events);
        Assert.Contains(events, e => e is SuspendedEvent);
    }
}
