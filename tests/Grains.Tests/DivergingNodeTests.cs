using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>A cluster goes on without the updates of nodes that diverge, as the simulation does.</summary>
public sealed class DivergingNodeTests(SharedClusters.ThreeSilosOneLane cluster)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>
{
    private const string Diverging = "\"training\":{\"epochs\":8,\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000,"
        + "\"weightDecay\":1}}";

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg", "star", 0)]
    [InlineData("scaffold", "star", 0)]
    [InlineData("{\"name\":\"fedavgm\",\"clientFraction\":0.5}", "star", 0)]
    [InlineData("fedavg", "star", 4)]
    [InlineData("hierarchical-fedavg", "star", 3)] // the server of the second group
    [InlineData("swarm", "star", 1)] // the second leader
    [InlineData("fedbuff", "star", 0)]
    [InlineData("gossip", "ring", 2)]
    public async Task A_node_that_diverges_is_done_without(string algorithm, string topology, int node)
    {
        var experiment = Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}", "rounds=5",
            "seating.roundQuorum=0.1", $"nodeOverrides=[{{\"nodes\":[{node}],{Diverging}}}]",
            .. algorithm.Contains("clientFraction") ? ResumedRunTests.NobodyIsTested : []]);

        var events = await cluster.Finish(experiment, $"diverging-{experiment.Algorithm.Name}-{topology}-{node}");

        await Simulated.HasTheBitsOf(experiment, events);
        Assert.Contains(events.OfType<RoundEvent>(), r => r.Absent?.Any(a => a.Node == node) == true);
    }

    // Sums are streamed where there are many nodes on a silo; its silo lost, the rounds are done again as they were.
    [Slow]
    [Theory(Timeout = 120_000)]
    [InlineData(0)]
    [InlineData(2)]
    public async Task It_is_done_without_again_after_a_loss(int silo)
    {
        await using var mine = await FederationCluster.Start(silos: 3, lanes: 1);
        var experiment = Toy.Experiment("algorithm=scaffold", "rounds=9", "nodes=57", "checkpoints.every=4",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}", "training.optimizer.momentum=0",
            $"nodeOverrides=[{{\"nodes\":[0],{Diverging.Replace("8", "30", StringComparison.Ordinal)}}}]");
        var grain = await mine.Begin(experiment, "diverging-lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 6 });

        await mine.Kill(silo);

        await Simulated.HasTheBitsOf(experiment, await mine.WatchOn("diverging-lost"));
    }

    // One client trains in a round, and diverges; the server is there, which is half of those that take part.
    [Fact(Timeout = 120_000)]
    public async Task A_run_that_learns_nothing_fails_and_says_so()
    {
        string[] settings = [.. ResumedRunTests.NobodyIsTested, "rounds=6", "seating.fruitlessRounds=2",
            "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.01}",
            $"nodeOverrides=[{{\"nodes\":[0,1,2,3,4,5],{Diverging}}}]"];
        var experiment = Enumerable.Range(1, 100).Select(seed => Toy.Experiment([.. settings, $"seed={seed}"]))
            .First(e => Plan.Of(e, Toy.Data().Get(e.Dataset)) is var p && !p.Trains(0, 0) && !p.Trains(0, 1));

        var events = await cluster.Finish(experiment, "fruitless");

        var failed = Assert.IsType<FailedEvent>(events[^1]);
        Assert.Contains("Nobody's update was usable in 2 rounds in a row", failed.Reason, StringComparison.Ordinal);
        Assert.Equal(2, events.OfType<RoundEvent>().Count());
    }
}
