using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;
using static Orleans.FL.Grains.Tests.FreePaceRuns;

namespace Orleans.FL.Grains.Tests;

/// <summary>Runs that go by the clock: no two are the same, and what each recorded gives its bytes again.</summary>
[Slow]
public sealed class AsynchronousPaceTests(SharedClusters.ThreeSilosTwoLanes cluster)
    : IClassFixture<SharedClusters.ThreeSilosTwoLanes>
{
    [Theory(Timeout = 120_000)]
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "star", "training.optimizer.momentum=0.9",
        "training.keepMoments=true")]
    [InlineData("fedasync", "star", "evaluation.every=3")]
    [InlineData("swift", "star")]
    [InlineData("{\"name\":\"swift\",\"interval\":2,\"mailbox\":\"arrived\"}", "torus",
        "model={\"name\":\"mlp\",\"hidden\":[40,40]}")]
    public async Task What_a_run_recorded_gives_its_bits_again_in_a_simulation_and_on_a_cluster(
        string algorithm, string topology, params string[] more)
    {
        var events = await cluster.Finish(
            Experiment([$"algorithm={algorithm}", $"topology={topology}", "rounds=20", .. more]));

        var replay = await SameBits(events);
        var again = await cluster.Finish(replay);
        Assert.Equal(Finished(events).WeightsSha256, Finished(again).WeightsSha256);
        Assert.Equal(Rounds(events).Select(r => r.TestLoss), Rounds(again).Select(r => r.TestLoss));
    }

    // One of six nodes goes over its samples 100,000 times as often as the others, which do not wait for it.
    [Theory(Timeout = 120_000)]
    [InlineData("fedasync", "star")]
    [InlineData("swift", "ring")]
    public async Task Nobody_waits_for_the_slowest(string algorithm, string topology)
    {
        var experiment = Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=40",
            "evaluation.every=40", "nodeOverrides=[{\"nodes\":[5],\"training\":{\"epochs\":100000}}]");

        var events = await cluster.Finish(experiment);

        var arrivals = Rounds(events).SelectMany(r => r.Arrivals!.Nodes).CountBy(n => n).ToDictionary();
        Assert.All(Enumerable.Range(0, 5), node =>
            Assert.True(arrivals.GetValueOrDefault(node) > 2 * arrivals.GetValueOrDefault(5),
                string.Join(' ', arrivals)));
        await SameBits(events);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_training_that_diverges_makes_its_node_absent()
    {
        var experiment = Experiment("algorithm=fedasync", "rounds=10", "nodeOverrides=[{\"nodes\":[3],"
            + "\"training\":{\"epochs\":20,\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000}}}]");

        var events = await cluster.Finish(experiment, "diverged");

        Assert.IsType<FinishedEvent>(events[^1]);
        Assert.Contains(Rounds(events), r => r.Absent is [{ Node: 3 }]);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_wait_in_vain_ends_with_what_to_set()
    {
        var experiment = Experiment("algorithm={\"name\":\"fedbuff\",\"bufferSize\":6}", "rounds=10",
            "seating.absence=continue", "seating.roundDeadlineSeconds=1",
            "nodeOverrides=[{\"nodes\":[5],\"training\":{\"epochs\":100000}}]",
            "model={\"name\":\"mlp\",\"hidden\":[200,200]}");

        var failed = Assert.IsType<FailedEvent>((await cluster.Finish(experiment, "vain"))[^1]);

        Assert.Contains("5 have arrived within 1 s", failed.Reason);
        Assert.Contains("seating.roundDeadlineSeconds", failed.Reason);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_simulation_has_no_clock_and_says_what_has_one()
    {
        var refused = await Assert.ThrowsAsync<ExperimentException>(
            () => Simulated.RunAnew(Experiment("algorithm=fedasync")));

        Assert.Contains("flctl start", Assert.Single(refused.Errors).Message);
    }
}
