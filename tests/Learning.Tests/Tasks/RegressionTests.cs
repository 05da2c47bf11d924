using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Tests.Training;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Tasks;

public class RegressionTests
{
    private static readonly Regression Learnt = new();
    private static readonly TaskOutputs Outputs = new(Learnt, 1);

    /// <summary>Four samples: said 1, 2, 3, 6 where 2, 2, 5, 7 are right. Errors −1, 0, −2, −1.</summary>
    private static readonly float[] Said = [1, 2, 3, 6];
    private static readonly TargetValues Right = new([2, 2, 5, 7]);

    [Fact]
    public void The_metrics_are_those_worked_out_by_hand()
    {
        var sums = Learnt.Score(Said, Right, [0, 1, 2, 3], lossSum: 6);

        // Σe² = 1 + 0 + 4 + 1 = 6, so RMSE = √(6/4); Σ|e| = 4, so MAE = 1.
        // Σy = 16, Σy² = 4 + 4 + 25 + 49 = 82, so Σ(y − 4)² = 82 − 16²/4 = 18 and R² = 1 − 6/18.
        Assert.Equal(Math.Sqrt(1.5), Of("rmse", sums));
        Assert.Equal(1, Of("mae", sums));
        Assert.Equal(1 - 6.0 / 18, Of("r2", sums));
        Assert.Equal(1.5, sums.Loss);
    }

    [Fact]
    public void Errors_are_in_the_targets_own_unit_and_the_loss_is_not()
    {
        var sums = Learnt.Score(Said, new TargetValues([2, 2, 5, 7], unit: 10), [0, 1, 2, 3], lossSum: 6);

        // All errors are ten times as large; R² has no unit.
        Assert.Equal(10 * Math.Sqrt(1.5), Of("rmse", sums), 12);
        Assert.Equal(10, Of("mae", sums));
        Assert.Equal(1 - 6.0 / 18, Of("r2", sums), 12);
        Assert.Equal(1.5, sums.Loss);
    }

    [Fact]
    public void Any_order_and_any_pieces_give_the_same_sums()
    {
        var random = new Seeds(3).Stream("regression");
        float[] said = [.. Enumerable.Range(0, 60).Select(_ => (float)random.NextNormal())];
        var right = new TargetValues([.. Enumerable.Range(0, 60).Select(_ => (float)random.NextNormal())], unit: 77.7);
        int[] order = [.. Enumerable.Range(0, 60)];
        MetricSums Sum(IEnumerable<int[]> pieces) =>
            pieces.Select(p => Learnt.Score([.. p.Select(i => said[i])], right, p, 0)).Aggregate(MetricSums.Add);

        var whole = Sum([order]);
        random.Shuffle<int>(order);

        Assert.Equal(whole, Sum(order.Chunk(7)));
        Assert.Equal(whole, Sum(order.Chunk(1)));
    }

    [Fact]
    public void All_targets_equal_have_no_R2_and_no_sample_has_no_metric()
    {
        Assert.True(double.IsNaN(Of("r2", Learnt.Score([1, 2], new TargetValues([3, 3]), [0, 1], 5))));
        Assert.All(Learnt.Metrics, m => Assert.True(double.IsNaN(m.Of(MetricSums.Zero))));
        Assert.All(Learnt.Metrics,
            m => Assert.True(double.IsNaN(m.Of(Learnt.Score([float.NaN], Right, [0], double.NaN)))));
        Assert.All(Learnt.Metrics, m => Assert.True(double.IsNaN(m.Of(Learnt.Score([float.MaxValue], Right, [0], 1)))));
    }

    [Fact]
    public void Less_error_and_more_R2_is_better() => Assert.Equal(
        [("rmse", true), ("mae", true), ("r2", false)], Learnt.Metrics.Select(m => (m.Name, m.IsBetter(1, 2))));

    [Fact]
    public void What_is_no_number_is_refused_where_a_target_is_received() =>
        Assert.Throws<InvalidDataException>(() => Right.OfNumbers([1, float.NaN], 1));

    /// <summary>
    /// w = (2, −1), b = 0.5 on (3, 4) says 2.5; the target is 1. e = 1.5: loss 2.25, gradient 2e·(3, 4) and 2e. A
    /// step of η = 0.1.
    /// </summary>
    [Theory]
    [InlineData(EngineChoice.Torch)]
    [InlineData(EngineChoice.Dense)]
    [InlineData(EngineChoice.Batched)]
    public async Task A_step_of_each_engine_is_the_one_worked_out_by_hand(string engine)
    {
        var data = new TableRows([3, 4], 2, new TargetValues([1]));
        var settings = new TrainingSettings { Engine = engine, Optimizer = Lanes.Sgd(0.1), BatchSize = 1 };
        var model = new Component<Model>("linear-regression", null);
        var job = new LocalJob(model, Outputs, data, [0], settings,
            Learning.Parameters.ParameterVector.Own([2, -1, 0.5f]), LocalObjective.None,
            OptimizerState.Fresh, new Seeds(1).Stream("order", 0, 0));

        var (result, tested, gradient) = await Lanes.On(lane =>
        {
            var on = lane.EngineFor(model, settings);
            var evaluation = new EvaluationJob(model, Outputs, job.Start, data);
            return (on.Train(job), on.Evaluate(evaluation, [0]), on.Gradient(evaluation, [0]));
        });

        // w = (2 − 0.1·9, −1 − 0.1·12), b = 0.5 − 0.1·3.
        float[] expected = [1.1f, -2.2f, 0.2f];
        Assert.All(expected.Zip(result.Weights.Span.ToArray()), w => Assert.Equal(w.First, w.Second, 6));
        Assert.Equal([9f, 12f, 3f], gradient.Span.ToArray());
        Assert.Equal((2.25, 1.5), (tested.Loss, Of("rmse", tested)));
        Assert.Equal(tested, result.Metrics);
    }

    [Fact]
    public async Task The_dense_engine_agrees_with_libtorch_in_batches_larger_than_its_memory()
    {
        var random = new Seeds(5).Stream("rows");
        var rows = DenseNetwork.Rows + 44;
        var data = new TableRows([.. Enumerable.Range(0, 7 * rows).Select(_ => (float)random.NextNormal())], 7,
            new TargetValues([.. Enumerable.Range(0, rows).Select(_ => (float)random.NextNormal())]));
        var model = new Component<Model>("mlp", new Mlp.Options { Hidden = [13] });
        var start = Initializer.Initialize(ParameterLayouts.LayoutOf(model, data.Shape, 1), new Seeds(7));
        Task<LocalResult> Train(string engine) => Lanes.On(lane =>
        {
            var settings = new TrainingSettings
            {
                Engine = engine,
                Steps = 5,
                BatchSize = 0,
                Optimizer = Lanes.Sgd(0.1, momentum: 0.9)
            };
            return lane.EngineFor(model, settings).Train(new(model, Outputs, data, [.. Enumerable.Range(0, rows)],
                settings, start, LocalObjective.None, OptimizerState.Fresh, new Seeds(7).Stream("order", 0, 0)));
        });

        var (dense, torch) = (await Train(EngineChoice.Dense), await Train(EngineChoice.Torch));

        Assert.All(dense.Weights.Span.ToArray().Zip(torch.Weights.Span.ToArray()),
            w => Assert.Equal(w.First, w.Second, 4));
        Assert.Equal(torch.Metrics.Loss, dense.Metrics.Loss, 4);
        Assert.Equal(Of("rmse", torch.Metrics), Of("rmse", dense.Metrics), 4);
    }

    [Fact]
    public async Task A_task_whose_loss_only_libtorch_knows_is_trained_by_it()
    {
        var model = new Component<Model>("mlp", null);

        Assert.IsType<TorchEngine>(
            await Lanes.On(lane => lane.EngineFor(model, new TrainingSettings(), new OnlyTorch())));
        Assert.IsType<DenseEngine>(await Lanes.On(lane => lane.EngineFor(model, new TrainingSettings(), Learnt)));
        Assert.StartsWith("The dense engine does not know the loss of this task",
            EngineChoice.RefusalOfNamed(model, new TrainingSettings { Engine = EngineChoice.Dense }, new OnlyTorch()),
            StringComparison.Ordinal);
    }

    private static double Of(string metric, MetricSums sums) => Learnt.Metrics.Single(m => m.Name == metric).Of(sums);

    private sealed class OnlyTorch : LearningTask
    {
        public override IReadOnlyList<TaskMetric> Metrics => [];

        public override IReadOnlyList<string> Sums => [];

        public override bool Takes(Targets targets) => true;

        public override torch.Tensor Loss(torch.Tensor outputs, torch.Tensor targets,
            torch.nn.Reduction reduction = torch.nn.Reduction.Mean) => outputs.sum();

        public override MetricSums Score(ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples,
            double lossSum) => MetricSums.OfBatch(samples.Length, lossSum);
    }
}
