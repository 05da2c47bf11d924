using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Silos come, go and are lost while runs go on: the weights are those of a run that nothing happened to.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private static readonly string[] NobodyIsTested = ["training.validationFraction=0", "partitioner.testSamplesPerNode=0"]; // but the server: the others may rest

    private FederationCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await FederationCluster.Start(silos: 3, lanes: 1);

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData("scaffold", "star", 1, 1)]
    [InlineData("gossip", "ring", 1, 2)]
    [InlineData("gossip", "ring", 3, 1)]
    [InlineData("scaffold", "star", 3, 0)]
    [InlineData("fedbuff", "star", 3, 1)]
    [InlineData("split-learning", "star", 1, 0)] // the server's silo
    [InlineData("split-learning", "star", 3, 1)]
    [InlineData("{\"name\":\"feddyn\",\"clientFraction\":0.5}", "star", 1, 1)] // nodes that rest and remember
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.5}", "star", 3, 0)] // nodes that rest and keep nothing
    [InlineData("scaffold", "star", 2, 1, "nodes=57", "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}")] // nodes that are summed as they end
    [InlineData("gossip", "ring", 3, 1, "aggregator=coordinate-median", "filters=[\"gaussian-noise\"]", "attackers=[{\"nodes\":[2],\"attack\":\"sign-flip\"}]",
        "disturbances=[\"markov-dropout\"]", "seating.roundQuorum=0.1")]
    public async Task A_run_whose_silo_is_lost_goes_on_to_the_same_bits(string algorithm, string topology, int every, int silo, params string[] more)
    {
        string[] settings = [$"algorithm={algorithm}", $"topology={topology}", "rounds=12", "training.optimizer.momentum=0", $"checkpoints.every={every}", .. more];
        var experiment = Toy.Experiment(algorithm.Contains("clientFraction") ? [.. settings, .. NobodyIsTested] : settings);
        var grain = await _cluster.Begin(experiment, "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });

        await _cluster.Kill(silo);

        await SameBits(experiment, await _cluster.WatchOn("lost"));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(0, 7)] // each round but the last
    [InlineData(3600, 1)] // the first, and then none for an hour
    public async Task Short_rounds_share_a_checkpoint(int secondsBetween, int checkpoints)
    {
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=8", $"checkpoints.secondsBetween={secondsBetween}");

        var events = await _cluster.Finish(experiment, "shared");

        var phases = RunFolderReader.Open(_cluster.Runs, "shared").Phases();
        Assert.Equal(Enumerable.Range(1, checkpoints), phases.Where(p => p.Phase == "checkpoint").Select(p => p.Round));
        await SameBits(experiment, events);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_new_silo_takes_its_share_at_the_next_round_and_the_bits_stay()
    {
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=60");
        var grain = await _cluster.Begin(experiment, "grown");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        await _cluster.Add();

        var events = await _cluster.WatchOn("grown");
        await SameBits(experiment, events);
        var reseated = Assert.Single(events.OfType<ReseatedEvent>());
        Assert.Equal(4, reseated.Silos.Length);
        Assert.Equal(1, reseated.Moved); // 6 nodes on 3 silos, then 2, 2, 1, 1
    }

    [Fact(Timeout = 120_000)]
    public async Task A_silo_that_is_told_to_stop_hands_its_nodes_over()
    {
        var experiment = Toy.Experiment("algorithm=scaffold", "rounds=80");
        var grain = await _cluster.Begin(experiment, "left");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        await _cluster.Stop(2);

        var events = await _cluster.WatchOn("left");
        await SameBits(experiment, events);
        Assert.Equal(2, events.OfType<ReseatedEvent>().First().Silos.Length);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("scaffold", "star")]
    [InlineData("gossip", "ring")]
    public async Task Members_change_as_the_experiment_says(string algorithm, string topology)
    {
        var experiment = Toy.Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=6", "seating.members=5",
            "membership=[{\"round\":3,\"add\":[5],\"remove\":[1]},{\"round\":5,\"add\":[1],\"remove\":[0]}]");

        var events = await _cluster.Finish(experiment, "churn");

        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        Assert.Equal(alone.Rounds.Select(r => (double?)r.Training.Loss), events.OfType<RoundEvent>().Select(r => r.TrainLoss));
        Assert.Equal(alone.Rounds.Select(r => (double?)r.TestLoss.Mean), events.OfType<RoundEvent>().Select(r => r.TestLoss));
        Assert.Equal(alone.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
        Assert.Equal([5, 5, 5, 5, 5, 5], events.OfType<RoundEvent>().Select(r => r.Present));
    }

    [Fact(Timeout = 120_000)]
    public async Task Members_changed_on_request_are_in_the_record_and_the_record_gives_the_same_bytes()
    {
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=200", "seating.members=5");
        var grain = await _cluster.Begin(experiment, "asked");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 2 });

        var added = await grain.ChangeMembers([], []);
        Assert.Equal([5], added.Change!.Add);
        await FederationCluster.Until(grain, e => e is MembersEvent);
        var removed = await grain.ChangeMembers([], [2]);
        Assert.Empty(removed.Errors);
        Assert.NotEmpty((await grain.ChangeMembers([], [2])).Errors); // one change at a time

        var finished = Assert.IsType<FinishedEvent>((await _cluster.WatchOn("asked"))[^1]);
        var replay = ExperimentReader.ReadFile(Path.Combine(finished.Folder, "replay.json"), []);
        Assert.Equal(2, replay.Membership.Count);
        var again = await Simulation.Run(replay, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        Assert.Equal(again.WeightsSha256, finished.WeightsSha256);
    }

    [Theory(Timeout = 120_000)]
    [InlineData(1)]
    [InlineData(0.4)]
    public async Task A_run_that_was_stopped_is_resumed_to_the_same_bits(double fraction)
    {
        var experiment = Toy.Experiment([.. NobodyIsTested, $"algorithm={{\"name\":\"scaffold\",\"clientFraction\":{fraction}}}", "rounds=40", "checkpoints.every=7"]);
        var grain = await _cluster.Begin(experiment, "resumed");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 9 });
        Assert.Equal(RunState.Stopped, (await grain.Stop()).State);

        await grain.Resume();

        Assert.NotEqual(RunState.Stopped, (await grain.Status()).State);
        var events = await _cluster.WatchOn("resumed");
        await SameBits(experiment, events);
        Assert.Contains(events, e => e is SuspendedEvent);
    }

    private static async Task SameBits(Experiment experiment, List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        Assert.Equal(alone.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e.Sequence));
        Assert.Equal(alone.Rounds.Select(r => (double?)r.TestAccuracy.Mean), events.OfType<RoundEvent>().Select(r => r.TestAccuracy));
        Assert.Equal(alone.Rounds.Select(r => r.Present), events.OfType<RoundEvent>().Select(r => r.Present));
    }
}
