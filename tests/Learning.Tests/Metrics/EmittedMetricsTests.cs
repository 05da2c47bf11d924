using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tests.Algorithms;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Metrics;

public class EmittedMetricsTests
{
    [Fact]
    public void An_experiment_names_its_metrics_and_without_them_is_the_text_that_it_was()
    {
        Assert.Equal(["update_norm", "worst_train_loss"],
            EmittedMetrics.Of(Toy.Experiment("metrics=[\"update-norm\",\"worst-train-loss\"]")).Select(m => m.Name));
        Assert.Empty(EmittedMetrics.Of(Toy.Experiment()));
        Assert.DoesNotContain("\"metrics\"", ExperimentWriter.Canonical(Toy.Experiment()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metrics=[\"update-norm\",\"update-norm\"]",
        "$.metrics[1]: The metric update_norm is named twice; leave one out.")]
    [InlineData("metrics=[\"update-nrm\"]", "$.metrics[0]: There is no Metric named 'update-nrm'")]
    [InlineData("metrics=[\"a,b\\n\"]", "$.metrics[0]: There is no Metric named")]
    [InlineData("metrics=\"update-norm\"", "$.metrics: ")]
    public void What_names_no_metric_or_one_twice_is_an_error_with_its_path(string setting, string error) =>
        Assert.Contains(Assert.Throws<ExperimentException>(() => Toy.Experiment(setting)).Errors,
            e => $"{e.Path}: {e.Message}".StartsWith(error, StringComparison.Ordinal));

    [Fact]
    public void No_metric_of_the_catalog_has_the_name_of_a_column()
    {
        Metric[] all = [.. Catalog<Metric>.All.Select(c => Catalog<Metric>.Create(c.Name, null))];

        Assert.Equal(ReportColumns.OfRound(Classes.Task).Count + all.Length,
            ReportColumns.OfRound(Classes.Task, all).Count);
        Assert.Equal(ReportColumns.OfNode(Classes.Task).Count + all.Length,
            ReportColumns.OfNode(Classes.Task, all).Count);
        Assert.Throws<ArgumentException>(() =>
            ReportColumns.OfRound(Classes.Task, [Metric.Of("train_loss", MergeRule.Sum)]));
        Assert.Throws<ArgumentException>(() =>
            ReportColumns.OfNode(Classes.Task, [Metric.Of("absence", MergeRule.Sum)]));
    }

    [Fact]
    public void A_node_emits_what_the_run_records_until_it_is_asked_or_its_state_is_set()
    {
        var me = new ToyRun("metrics=[\"own-model-share\"]").Learners[0];

        me.Emit<OwnModelShare>(0.25, 3);
        me.Emit<UpdateNorm>(1); // nobody chose it
        me.Emit(Metric.Of("foreign", MergeRule.Sum), 1);

        Assert.Equal([new Emission("own_model_share", 0.25, 3)], me.TakeEmitted(0));
        Assert.Empty(me.TakeEmitted(0));
        me.Emit<OwnModelShare>(0.5);
        me.State = me.State; // as a step begins, or is undone
        Assert.Empty(me.TakeEmitted(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => me.Emit<OwnModelShare>(1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => me.Emit<OwnModelShare>(1, double.NaN));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_norm_of_an_update_is_how_far_training_moved_the_weights()
    {
        var experiment = Toy.Experiment("algorithm=isolated", "rounds=1",
            "metrics=[\"update-norm\",\"worst-train-loss\"]");
        var plan = Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));

        var run = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

        var (round, nodes) = (run.Rounds[0], run.Rounds[0].Nodes);
        double[] norms = [.. run.Weights.Select(w => Math.Sqrt(w.Span.ToArray()
            .Zip(plan.InitialWeights.Span.ToArray(), (a, b) => Math.Pow((double)a - b, 2)).Sum()))];
        int[] samples = [.. nodes.Select(n => plan.TrainIndices(n.Node).Length)];
        Assert.All(norms, norm => Assert.True(norm > 0));
        Assert.Equal(norms, nodes.Select(n => n.ValueOf(new UpdateNorm())), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(norms.Zip(samples, (norm, n) => norm * n).Sum() / samples.Sum(),
            round.ValueOf(new UpdateNorm()), 1e-12);
        Assert.Equal(nodes.Max(n => n.Training.Loss), round.ValueOf(new WorstTrainLoss()));
    }

    // Of six nodes each sends one update a round; the server sends its own model besides, which no filter touches.
    [Theory(Timeout = 60_000)]
    [InlineData("star", "fedavg")]
    [InlineData("ring", "gossip")]
    public async Task A_filter_emits_once_for_each_update_that_is_sent(string topology, string algorithm)
    {
        async Task<double[]> Shares(double norm) =>
            [.. (await Simulation.Run(Toy.Experiment($"topology={topology}", $"algorithm={algorithm}", "rounds=1",
                "metrics=[\"clipped-share\",\"update-norm\"]", $"filters=[{{\"name\":\"clip-norm\",\"norm\":{norm}}}]"),
                new SimulationOptions(Toy.Data(), 1, TimeProvider.System))).Rounds[0].Nodes
                .Select(n => n.ValueOf(new ClippedShare()))];

        Assert.All(await Shares(1e-6), share => Assert.True(share is 1 or double.NaN));
        Assert.All(await Shares(1e6), share => Assert.True(share is 0 or double.NaN));
        Assert.InRange((await Shares(1)).Count(double.IsFinite), 5, 6); // a star's server does not send its own update
    }

    [Fact(Timeout = 60_000)]
    public async Task An_algorithm_emits_a_metric_that_the_experiment_chose()
    {
        var experiment = Toy.Experiment("algorithm={\"name\":\"apfl\",\"alpha\":0.75,\"adaptive\":false}", "rounds=2",
            "metrics=[\"own-model-share\"]");

        var run = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 1, TimeProvider.System));

        // α stays, so it is the mean of equal values
        Assert.All(run.Rounds, r => Assert.Equal(0.75, r.ValueOf(new OwnModelShare())));
        Assert.All(run.Rounds, r => Assert.True(double.IsNaN(r.ValueOf(new UpdateNorm()))));
    }
}
