using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Runs that go by the clock: no two are the same, and what each recorded gives its bytes again.</summary>
public sealed class AsynchronousPaceTests : IAsyncLifetime
{
    private FederationCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await FederationCluster.Start(silos: 3, lanes: 2);

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "star", "training.optimizer.momentum=0.9", "training.keepMoments=true")]
    [InlineData("fedasync", "star", "evaluation.every=3")]
    [InlineData("swift", "star")]
    [InlineData("{\"name\":\"swift\",\"interval\":2,\"mailbox\":\"arrived\"}", "torus", "model={\"name\":\"mlp\",\"hidden\":[40,40]}")]
    public async Task What_a_run_recorded_gives_its_bits_again_in_a_simulation_and_on_a_cluster(string algorithm, string topology, params string[] more)
    {
        var events = await _cluster.Finish(Experiment([$"algorithm={algorithm}", $"topology={topology}", "rounds=20", .. more]), "live");

        var replay = await SameBits(events);
        var again = await _cluster.Finish(replay, "again");
        Assert.Equal(Finished(events).WeightsSha256, Finished(again).WeightsSha256);
        Assert.Equal(Rounds(events).Select(r => r.TestLoss), Rounds(again).Select(r => r.TestLoss));
    }

    [Theory(Timeout = 120_000)]
    [InlineData("fedasync", "star", 8, 0)] // the server's silo
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":3}", "star", 1, 1)]
    [InlineData("swift", "ring", 3, 2)]
    public async Task A_run_whose_silo_is_lost_goes_on_to_the_bits_of_what_it_recorded(string algorithm, string topology, int every, int silo)
    {
        var grain = await _cluster.Begin(Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=60", $"checkpoints.every={every}"), "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 14 });

        await _cluster.Kill(silo);

        var events = await _cluster.WatchOn("lost");
        await SameBits(events);
        Assert.NotEmpty(events.OfType<ReseatedEvent>());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_that_was_stopped_is_resumed_and_a_new_silo_takes_its_share()
    {
        var grain = await _cluster.Begin(Experiment("algorithm=fedasync", "rounds=80", "checkpoints.every=7"), "resumed");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 9 });
        Assert.Equal(RunState.Stopped, (await grain.Stop()).State);
        await grain.Resume();
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: >= 20 });

        await _cluster.Add();

        await SameBits(await _cluster.WatchOn("resumed"));
    }

    // One of six nodes goes over its samples 100,000 times as often as the others, which do not wait for it.
    [Theory(Timeout = 120_000)]
    [InlineData("fedasync", "star")]
    [InlineData("swift", "ring")]
    public async Task Nobody_waits_for_the_slowest(string algorithm, string topology)
    {
        var experiment = Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=40", "evaluation.every=40",
            "nodeOverrides=[{\"nodes\":[5],\"training\":{\"epochs\":100000}}]");

        var events = await _cluster.Finish(experiment, "slow");

        var arrivals = Rounds(events).SelectMany(r => r.Arrivals!.Nodes).CountBy(n => n).ToDictionary();
        Assert.All(Enumerable.Range(0, 5), node => Assert.True(arrivals.GetValueOrDefault(node) > 2 * arrivals.GetValueOrDefault(5), string.Join(' ', arrivals)));
        await SameBits(events);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_training_that_diverges_makes_its_node_absent()
    {
        var experiment = Experiment("algorithm=fedasync", "rounds=10", "nodeOverrides=[{\"nodes\":[3],\"training\":{\"epochs\":20,\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000}}}]");

        var events = await _cluster.Finish(experiment, "diverged");

        Assert.IsType<FinishedEvent>(events[^1]);
        Assert.Contains(Rounds(events), r => r.Absent is [{ Node: 3 }]);
    }

    [Fact(Timeout = 60_000)]
    public async Task Who_waits_in_vain_is_told_what_to_set()
    {
        var experiment = Experiment("algorithm={\"name\":\"fedbuff\",\"bufferSize\":6}", "rounds=10", "seating.absence=continue", "seating.roundDeadlineSeconds=1",
            "nodeOverrides=[{\"nodes\":[5],\"training\":{\"epochs\":100000}}]", "model={\"name\":\"mlp\",\"hidden\":[200,200]}");

        var failed = Assert.IsType<FailedEvent>((await _cluster.Finish(experiment, "vain"))[^1]);

        Assert.Contains("5 have arrived within 1 s", failed.Reason);
        Assert.Contains("seating.roundDeadlineSeconds", failed.Reason);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_simulation_has_no_clock_and_says_what_has_one()
    {
        var refused = await Assert.ThrowsAsync<ExperimentException>(() => Simulation.Run(Experiment("algorithm=fedasync"), new SimulationOptions(Toy.Data(), 2, TimeProvider.System)));

        Assert.Contains("flctl start", Assert.Single(refused.Errors).Message);
    }

    private static Experiment Experiment(params string[] overrides) => Toy.Experiment([.. overrides, "pace=asynchronous"]);

    private static IEnumerable<RoundEvent> Rounds(List<RunEvent> events) => events.OfType<RoundEvent>();

    private static FinishedEvent Finished(List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        return (FinishedEvent)events[^1];
    }

    /// <summary>The experiment that a run's folder holds to be done again; a simulation of it gives the bits of the run.</summary>
    private static async Task<Experiment> SameBits(List<RunEvent> events)
    {
        var finished = Finished(events);
        var replay = ExperimentReader.ReadFile(Path.Combine(finished.Folder, "replay.json"), []);
        var alone = await Simulation.Run(replay, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        Assert.Equal(alone.Rounds.Select(r => (r.Round, r.Training.Loss, r.PayloadBytes)), Rounds(events).Select(r => (r.Round, r.TrainLoss ?? double.NaN, r.PayloadBytes)));
        Assert.Equal(alone.Rounds.Select(r => (r.TestAccuracy.Mean, r.TestLoss.Mean)), Rounds(events).Select(r => (r.TestAccuracy ?? double.NaN, r.TestLoss ?? double.NaN)));
        Assert.Equal(alone.WeightsSha256, finished.WeightsSha256);
        return replay;
    }
}
