using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// A run of many rounds takes no more memory than one of few, except the record of its rounds. Alone: the process has
/// one heap.
/// </summary>
[CollectionDefinition(nameof(LongRunTests), DisableParallelization = true)]
[Slow]
[Collection(nameof(LongRunTests))]
public sealed class LongRunTests(ITestOutputHelper output)
{
    private const double RecordBytes = 2500; // of a round: what its watchers may still ask for

    [Theory(Timeout = 180_000)]
    [InlineData(1000, "algorithm=fedavg", "nodes=8", "partitioner={\"name\":\"iid\",\"samplesPerNode\":4}")]
    [InlineData(1000, "algorithm=gossip", "topology=random-matching")]
    public async Task Memory_is_flat_over_many_rounds(int rounds, params string[] settings)
    {
        await using var cluster = await FederationCluster.Start(silos: 1, lanes: 2);
        var grain = await cluster.Begin(Toy.Experiment(
            [.. settings, $"rounds={rounds}", "evaluation.every=100", "checkpoints.secondsBetween=1"]));
        var (from, to) = (rounds * 3 / 10, rounds * 19 / 20);

        var before = await MemoryAt(grain, from);
        var after = await MemoryAt(grain, to);

        var perRound = (after - before) / (double)(to - from);
        output.WriteLine(
            $"{before / 1e6:0.0} MB after {from} rounds, {after / 1e6:0.0} MB after {to}: {perRound:0} bytes a round");
        Assert.InRange(perRound, double.NegativeInfinity, RecordBytes);
        Assert.IsType<FinishedEvent>((await FederationCluster.Watch(grain))[^1]);
    }

    private static async Task<long> MemoryAt(IExperimentGrain grain, int round)
    {
        await foreach (var happened in grain.Watch(0))
            if (happened is RoundEvent { Round: var done } && done == round) break;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
