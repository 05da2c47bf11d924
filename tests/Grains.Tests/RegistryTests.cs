using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// The registry takes in what can be run, under an id of its own, and knows its runs, their seats and their peers.
/// </summary>
public sealed class RegistryTests(SharedClusters.OneSiloTwoLanes cluster)
    : IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    [Fact(Timeout = 60_000)]
    public async Task A_run_id_that_exists_is_refused_with_the_ways_on()
    {
        await cluster.Finish(Toy.Experiment("rounds=1"), "taken");

        var again = await cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "taken");

        Assert.Null(again.Run);
        Assert.Contains("choose another id with --run ID", Assert.Single(again.Errors));
    }

    // Each flctl start --local has a registry of its own, and they share a folder.
    [Fact(Timeout = 60_000)]
    public async Task Registries_that_choose_an_id_at_once_choose_different_ones()
    {
        var experiment = ExperimentWriter.Canonical(Toy.Experiment());

        var registrations = await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
            cluster.Grains.GetGrain<IRegistryGrain>($"registry-{n}").Register(experiment, null)));

        Assert.All(registrations, r => Assert.Empty(r.Errors));
        Assert.Equal(6, registrations.Select(r => r.Folder).Distinct().Count());
    }

    [Fact(Timeout = 60_000)]
    public async Task Asking_for_the_id_of_a_run_that_goes_on_does_not_disturb_it()
    {
        var experiment = Toy.Experiment("rounds=30");
        var grain = await cluster.Begin(experiment, "going");

        var again = await cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), "going");

        Assert.Contains("exists", Assert.Single(again.Errors));
        var events = await FederationCluster.Watch(grain);
        var alone = await Simulated.Run(experiment);
        Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
        Assert.All(events.OfType<RoundEvent>(), r => Assert.Equal(6, r.Present));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("../escape")]
    [InlineData("")]
    [InlineData(".hidden")]
    public async Task A_run_id_that_is_no_folder_name_is_refused(string run)
    {
        var refused = await cluster.Registry.Register(ExperimentWriter.Canonical(Toy.Experiment()), run);

        Assert.Contains("is no run id", Assert.Single(refused.Errors));
    }

    [Fact(Timeout = 60_000)]
    public async Task An_invalid_experiment_is_refused_with_every_error()
    {
        var json = ExperimentWriter.Canonical(Toy.Experiment()).Replace("\"fedavg\"", "\"fedavgg\"")
            .Replace("\"rounds\": 3", "\"rounds\": 0");

        var refused = await cluster.Registry.Register(json, null);

        Assert.Equal(2, refused.Errors.Length);
        Assert.Contains(refused.Errors,
            f => f.StartsWith("$.algorithm", StringComparison.Ordinal) && f.Contains("Did you mean 'fedavg'?"));
    }

    [Fact(Timeout = 60_000)]
    public async Task More_samples_than_there_are_is_refused_before_anything_starts()
    {
        var refused = await cluster.Registry.Register(
            ExperimentWriter.Canonical(Toy.Experiment("partitioner.samplesPerNode=21")), "greedy");

        Assert.Contains("126", Assert.Single(refused.Errors)); // 6 × 21 of 120
        Assert.False(Directory.Exists(Path.Combine(cluster.Runs, "greedy")));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_registry_lists_runs_and_knows_how_they_stand()
    {
        await cluster.Finish(Toy.Experiment("rounds=1"), "one");
        await cluster.Finish(Toy.Experiment("rounds=2"), "two");

        var list = await cluster.Registry.List();

        var both = list.Where(r => r.Run is "one" or "two").ToList(); // other tests have runs here too
        Assert.Equal([RunState.Finished, RunState.Finished], both.Select(r => r.State));
        Assert.Equal(2, (await cluster.Registry.Find("two"))!.Round);
        Assert.Null(await cluster.Registry.Find("three"));
    }

    [Fact(Timeout = 60_000)]
    public async Task An_identity_keeps_its_rank_in_any_order_of_requests()
    {
        var registry = cluster.Between.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

        var first = await registry.Seat("seats", ["b", "a", "c"]);
        var again = await registry.Seat("seats", ["c", "b", "d"]);

        Assert.Equal([0, 1, 2], first.Select(s => s.Rank));
        Assert.Equal([2, 0, 3], again.Select(s => s.Rank));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_peer_list_is_published_when_the_nodes_are_seated()
    {
        var grain = await cluster.Begin(Toy.Experiment(), "peers");
        await FederationCluster.Watch(grain);

        var peers = await cluster.Between.GetGrain<IRegistryGrain>(IRegistryGrain.Key).Peers("peers");

        Assert.Equal(Enumerable.Range(0, 6), peers!.Seats.Select(p => p.Rank));
        Assert.All(peers.Seats, p => Assert.Equal(12, p.Samples)); // 15, a fifth held out
    }
}
