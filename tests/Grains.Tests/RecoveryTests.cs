using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// Silos come, go and are lost while runs go on: the weights are those of a run that nothing happened to.
/// </summary>
[Slow]
public sealed class RecoveryTests
{
    [Theory(Timeout = 120_000)]
    [InlineData("scaffold", "star", 1, 1)]
    [InlineData("gossip", "ring", 1, 2)]
    [InlineData("gossip", "ring", 3, 1)]
    [InlineData("scaffold", "star", 3, 0)]
    [InlineData("fedbuff", "star", 3, 1)]
    [InlineData("split-learning", "star", 1, 0)] // the server's silo
    [InlineData("split-learning", "star", 3, 1)]
    [InlineData("{\"name\":\"feddyn\",\"clientFraction\":0.5}", "star", 1, 1)] // idle nodes that keep state
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.5}", "star", 3, 0)] // idle nodes that keep nothing
    // Nodes that are summed as they end.
    [InlineData("scaffold", "star", 2, 1, "nodes=57", "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}")]
    [InlineData("gossip", "ring", 3, 1, "aggregator=coordinate-median", "filters=[\"gaussian-noise\"]",
        "attackers=[{\"nodes\":[2],\"attack\":\"sign-flip\"}]", "disturbances=[\"markov-dropout\"]",
        "seating.roundQuorum=0.1")]
    public async Task A_run_whose_silo_is_lost_goes_on_to_the_same_bits(
        string algorithm, string topology, int every, int silo, params string[] more)
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 1);
        string[] settings = [$"algorithm={algorithm}", $"topology={topology}", "rounds=12",
            "training.optimizer.momentum=0", $"checkpoints.every={every}", .. more];
        var experiment = Toy.Experiment(algorithm.Contains("clientFraction")
            ? [.. settings, .. ResumedRunTests.NobodyIsTested]
            : settings);
        var grain = await cluster.Begin(experiment, "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });

        await cluster.Kill(silo);

        await Simulated.HasTheBitsOf(experiment, await cluster.WatchOn("lost"));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_new_silo_takes_its_share_at_the_next_round_and_the_bits_stay()
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 1);
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=60");
        var grain = await cluster.Begin(experiment, "grown");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        await cluster.Add();

        var events = await cluster.WatchOn("grown");
        await Simulated.HasTheBitsOf(experiment, events);
        var reseated = Assert.Single(events.OfType<ReseatedEvent>());
        Assert.Equal(4, reseated.Silos.Length);
        Assert.Equal(1, reseated.Moved); // 6 nodes on 3 silos, then 2, 2, 1, 1
    }

    [Fact(Timeout = 120_000)]
    public async Task A_new_coordinator_knows_who_sat_where_and_names_the_silo_that_was_lost()
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 1);
        var grain = await cluster.Begin(Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=400"), "passed-on");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 3 });
        var at = await cluster.Between.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        var silo = Enumerable.Range(0, 3).First(i => cluster.AddressOf(i).Equals(at));
        var name = cluster.Services(silo).GetRequiredService<SiloInventory>().Here;

        await cluster.Kill(silo);

        var reseated = await Reseated(cluster, "passed-on");
        Assert.Equal(2, reseated.Moved); // 6 nodes on 3 silos: 2 sat there, and 4 stayed
        Assert.EndsWith($"Silo {name} was lost.", reseated.Reason);
        var silos = await cluster.Registry.Silos();
        Assert.Equal([3, 3], silos.Select(s => s.Nodes["passed-on"]));
    }

    [Fact(Timeout = 120_000)]
    public async Task A_silo_that_is_asked_to_stop_hands_its_nodes_over()
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 1);
        var experiment = Toy.Experiment("algorithm=scaffold", "rounds=80");
        var grain = await cluster.Begin(experiment, "left");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        await cluster.Stop(2);

        var events = await cluster.WatchOn("left");
        await Simulated.HasTheBitsOf(experiment, events);
        Assert.Equal(2, events.OfType<ReseatedEvent>().First().Silos.Length);
    }

    /// <summary>The first new seating of a run, through the loss of the silo that it is watched on.</summary>
    private static async Task<ReseatedEvent> Reseated(FederationCluster cluster, string run)
    {
        while (true)
        {
            try
            {
                await foreach (var happened in cluster.Grains.GetGrain<IExperimentGrain>(run).Watch(0))
                    if (happened is ReseatedEvent reseated) return reseated;
            }
            catch (Exception e) when (e is OrleansException or TimeoutException
                or EnumerationAbortedException or OperationCanceledException)
            {
                // another one has the run in a moment
            }
        }
    }
}
