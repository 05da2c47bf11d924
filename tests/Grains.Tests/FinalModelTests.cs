using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>The weights that a run leaves are those of the models that it tested.</summary>
public sealed class FinalModelTests(SharedClusters.ThreeSilosOneLane cluster)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>
{
    private const string Diverging = "\"training\":{\"epochs\":8,\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000,"
        + "\"weightDecay\":1}}";

    private static int Experiments { get; set; }

    public static TheoryData<string> Runs => [.. Toy.Algorithms];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Runs))]
    public Task Tested_again_they_give_the_recorded_numbers(string algorithm) => Check($"final-{algorithm}",
        $"algorithm={algorithm}",
        $"topology={(Toy.Fits(algorithm, "star") ? "star" : Toy.TopologiesFor(algorithm).First())}");

    // Four nodes of other sizes: neither of the two means over nodes is the server's.
    [Theory(Timeout = 120_000)]
    [InlineData("fedavg-push", "partitioner={\"name\":\"iid\",\"sizes\":[4,31,9,20]}", "nodes=4")]
    [InlineData("fedavg", "nodeOverrides=[{\"nodes\":[3]," + Diverging + "}]")]
    [InlineData("fedavg", "nodeOverrides=[{\"nodes\":[0]," + Diverging + "}]")]
    [InlineData("fedavg", "codec=float16")]
    [InlineData("fedavgm", "seating.members=4",
        "membership=[{\"round\":3,\"add\":[4],\"remove\":[0]},{\"round\":4,\"add\":[0]}]")]
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.4}", "training.validationFraction=0",
        "partitioner.testSamplesPerNode=0", "evaluation.every=2")]
    [InlineData("fedbuff", Toy.Uneven)]
    public async Task The_shared_model_is_the_one_tested(string algorithm, params string[] settings)
    {
        var run = $"shared-{Experiments++}";
        var (plan, final) = await Check(run, [$"algorithm={algorithm}", "rounds=4", .. settings]);

        Assert.NotNull(plan.TestedModel(3));
        Assert.True(final);
    }

    // Node 2 holds what it began with; the mean is over the five others.
    [Fact(Timeout = 120_000)]
    public async Task A_model_that_was_left_behind_does_not_count_in_the_mean()
    {
        await Check("behind", "algorithm=gossip", "topology=ring", $"nodeOverrides=[{{\"nodes\":[2],{Diverging}}}]");

        var folder = Path.Combine(cluster.Runs, "behind", "weights");
        var layout = PlanOf("algorithm=gossip", "topology=ring").Layout;
        var mean = Safetensors.ReadFile(Path.Combine(folder, "final.safetensors"), layout).Span.ToArray();
        float[][] nodes = [.. new[] { 0, 1, 3, 4, 5 }.Select(n => Safetensors.ReadFile(
            Path.Combine(folder, "nodes", $"node-{n:D4}.safetensors"), layout).Span.ToArray())];
        for (var i = 0; i < mean.Length; i++) Assert.Equal(nodes.Average(n => (double)n[i]), mean[i], 1e-6);
    }

    private async Task<(Plan Plan, bool Final)> Check(string run, params string[] settings)
    {
        var plan = PlanOf(settings);
        var events = await cluster.Finish(plan.Experiment, run);

        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var rounds = events.OfType<RoundEvent>().ToList();
        var weights = Path.Combine(cluster.Runs, run, "weights");
        var nodes = Path.Combine(weights, "nodes");
        var final = plan.TestedModel(rounds.Count - 1) is not null || plan.Protocol.SplitsModel
            || !Directory.Exists(nodes) || Directory.GetFiles(nodes).Length == 0; // all have the same
        var absent = rounds[^1].Absent?.Select(a => $"node-{a.Node:D4}.safetensors") ?? [];
        var (loss, accuracy) = await Test(plan, final
            ? [Path.Combine(weights, "final.safetensors")]
            : [.. Directory.GetFiles(nodes).Order(StringComparer.Ordinal)
                .Where(file => !absent.Contains(Path.GetFileName(file)))]);
        Assert.Equal((rounds[^1].TestLoss, rounds[^1].TestAccuracy), (loss, accuracy));

        if (!final) return (plan, final);
        var best = rounds.Where(r => r.TestAccuracy is not null).MaxBy(r => r.TestAccuracy)!;
        (loss, accuracy) = await Test(plan, Path.Combine(weights, "best.safetensors"));
        Assert.Equal((best.TestLoss, best.TestAccuracy), (loss, accuracy));
        return (plan, final);
    }

    /// <summary>Means over the models of files.</summary>
    private static async Task<(double? Loss, double? Accuracy)> Test(Plan plan, params string[] files)
    {
        await using var lanes = new TrainingLanes(1);
        var bench = new TestBench(plan, lanes, "again", CancellationToken.None);
        var tests = await Task.WhenAll(files.Select(file => bench.Test(Safetensors.ReadFile(file, plan.Layout))));
        return (Spread.Of(tests.Select(t => t.Loss)).Mean, Spread.Of(tests.Select(plan.Outputs.Task.Main.Of)).Mean);
    }

    private static Plan PlanOf(params string[] settings)
    {
        var experiment = Toy.Experiment(settings);
        return Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
    }
}
