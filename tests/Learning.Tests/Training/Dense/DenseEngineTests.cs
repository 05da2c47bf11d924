using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>The dense engine against libtorch, and against numbers worked out by hand.</summary>
public class DenseEngineTests
{
    private const int Timeout = 60_000;
    private static readonly ImageSet Data = ToyData.Images(61, new(1, 1, 17), 7, seed: 1);
    private static readonly Component<Model> Odd = new("mlp", new Mlp.Options { Hidden = [13] }); // 17-13-7

    /// <summary>After 20 steps no weight and no moment is further from libtorch's than this.</summary>
    private const double Bound = 1e-5;

    [Theory(Timeout = Timeout)]
    [InlineData(1, 0, 0, 0, false)]
    [InlineData(2, 0, 0, 0, false)]
    [InlineData(3, 0.9, 0, 0, false)]
    [InlineData(6, 0, 0.01, 0, false)]
    [InlineData(7, 0, 0, 0.5, false)]
    [InlineData(10, 0, 0, 0, true)]
    [InlineData(11, 0.9, 0.01, 0.5, true)]
    [InlineData(60, 0.5, 0, 0, false)]
    [InlineData(0, 0, 0, 0, false)]
    public async Task Training_agrees_with_libtorch(
        int batch, double momentum, double decay, float proximal, bool shifted)
    {
        foreach (var model in new[] { Odd, Lanes.Logistic, new("mlp", new Mlp.Options { Hidden = [32, 5, 19] }) })
        {
            LocalJob Job()
            {
                var job = Lanes.Job(model, Data, 7,
                    new() { Steps = 20, BatchSize = batch, Optimizer = Lanes.Sgd(0.05, momentum, decay) });
                return job with
                {
                    Objective = new(proximal, Vector(job.Start.Length, "anchor"),
                        shifted ? Vector(job.Start.Length, "shift") : null),
                    Optimizer = momentum > 0 ? new(3, Vector(job.Start.Length, "moment"), null) : OptimizerState.Fresh,
                };
            }
            var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, Job()));
            using var engine = new DenseEngine();
            var dense = engine.Train(Job());

            LocalTrainerTests.AssertClose(torch.Weights, dense.Weights, Bound);
            Assert.Equal(momentum > 0, dense.Optimizer.First is not null);
            if (momentum > 0) LocalTrainerTests.AssertClose(torch.Optimizer.First!, dense.Optimizer.First!, Bound);
            Assert.Equal(torch.Optimizer.Steps, dense.Optimizer.Steps);
            Assert.Equal(torch.Steps, dense.Steps);
            Assert.Equal(torch.Metrics.Samples, dense.Metrics.Samples);
            Assert.Equal(torch.Metrics.Correct, dense.Metrics.Correct);
            Assert.Equal(torch.Metrics.Loss, dense.Metrics.Loss, 1e-5);
        }
    }

    [Theory(Timeout = Timeout)]
    [InlineData(256, 0)]
    [InlineData(257, 0)]
    [InlineData(600, 0.9)]
    public async Task Batches_larger_than_the_engines_memory_agree_with_libtorch(int count, double momentum)
    {
        var data = ToyData.Images(count, new(1, 3, 5), 4, seed: 2);
        LocalJob Job() =>
            Lanes.Job(Odd, data, 4, new() { Steps = 20, BatchSize = 0, Optimizer = Lanes.Sgd(0.1, momentum) });
        var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, Job()));

        using var engine = new DenseEngine();
        var dense = engine.Train(Job());

        LocalTrainerTests.AssertClose(torch.Weights, dense.Weights, Bound);
        Assert.Equal(torch.Metrics.Loss, dense.Metrics.Loss, 1e-5);
        Assert.Equal(torch.Metrics.Samples, dense.Metrics.Samples);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(101)]
    [InlineData(1_234)]
    public async Task Tests_agree_with_libtorch(int count)
    {
        var data = ToyData.Images(count, new(1, 1, 17), 7, seed: 3);
        int[] all = [.. Enumerable.Range(0, count)];
        var weights = Lanes.Job(Odd, Data, 7, new()).Start;
        var torch = await Lanes.On(lane => Evaluator.Evaluate(lane.Torch, Odd, Classes.Of(7), weights, data, all));

        using var engine = new DenseEngine();
        var dense = engine.Evaluate(new(Odd, Classes.Of(7), weights, data), all);
        var pieces = Evaluator.Pieces(count)
            .Select(p => engine.Evaluate(new(Odd, Classes.Of(7), weights, data), all.AsSpan(p)));

        Assert.Equal(torch.Loss, dense.Loss, 1e-6);
        Assert.Equal(torch.Correct, dense.Correct);
        Assert.Equal(count, dense.Samples);
        Assert.Equal(dense, pieces.Aggregate(MetricSums.Zero, MetricSums.Add));
        Assert.Equal(MetricSums.Zero, engine.Evaluate(new(Odd, Classes.Of(7), weights, data), []));
    }

    [Fact]
    public void A_gradient_goes_back_through_a_hidden_unit_as_by_hand()
    {
        // x = 1, w1 = 1, b1 = 0: h = 1. W2 = (1, 0), b2 = (0, 1): scores (1, 1), probabilities ½, label 0: dz = (-½,
        // ½). dW2 = dz·h, db2 = dz, dh = 1·(-½) + 0·½ = -½, dw1 = db1 = -½. With η = ½: all move by half of that.
        Assert.Equal([1.25f, 0.25f, 1.25f, -0.25f, 0.25f, 0.75f], OneStep([1, 0, 1, 0, 0, 1]));
    }

    [Fact]
    public void A_unit_that_is_off_learns_nothing()
    {
        // w1 = -1: h = 0. W2 = (1, 0), b2 = 0: scores (0, 0), dz = (-½, ½); dW2 = dz·0, and nothing goes back.
        Assert.Equal([-1f, 0, 1, 0, 0.25f, -0.25f], OneStep([-1, 0, 1, 0, 0, 0]));
    }

    [Fact]
    public void Without_samples_nothing_moves()
    {
        using var engine = new DenseEngine();
        var job =
            Lanes.Job(Odd, Data, 7, new() { Steps = 5, Optimizer = Lanes.Sgd(momentum: 0.9) }) with { Indices = [] };

        var result = engine.Train(job);

        Assert.Equal(0, result.Steps);
        Assert.Equal(job.Start, result.Weights);
        Assert.Equal(MetricSums.Zero, result.Metrics);
        Assert.Equal(0, result.Optimizer.Steps);
    }

    [Fact]
    public void Equal_jobs_give_equal_bits_after_any_other_work_of_the_engine()
    {
        var settings = new TrainingSettings { Epochs = 2, BatchSize = 9, Optimizer = Lanes.Sgd(momentum: 0.9) };
        using var fresh = new DenseEngine();
        using var used = new DenseEngine();
        var objective = new LocalObjective(0.5f, Vector(Lanes.Job(Odd, Data, 7, settings).Start.Length, "anchor"));
        var expected = fresh.Train(Lanes.Job(Odd, Data, 7, settings));

        used.Train(Lanes.Job(Odd, Data, 7, settings with { BatchSize = 50 }) with { Objective = objective });
        used.Train(Lanes.Job(Lanes.Logistic, Data, 7, settings));
        used.Evaluate(new(Odd, Classes.Of(7), objective.Anchor!, Data), [.. Enumerable.Range(0, 61)]);
        var first = used.Train(Lanes.Job(Odd, Data, 7, settings));
        var kept = ParameterVector.Own(first.Weights.Span.ToArray());
        var second = used.Train(Lanes.Job(Odd, Data, 7, settings));

        Assert.Equal(expected.Weights, first.Weights);
        Assert.Equal(expected.Optimizer, first.Optimizer);
        Assert.Equal(expected.Metrics, first.Metrics);
        Assert.Equal(expected.Weights, second.Weights);
        Assert.Equal(kept, first.Weights); // not overwritten by the next job
    }

    [Fact(Timeout = Timeout)]
    public async Task The_number_of_lanes_changes_no_bit()
    {
        async Task<ParameterVector[]> TrainTwelve(int lanes)
        {
            await using var pool = new TrainingLanes(lanes);
            return await Task.WhenAll(Enumerable.Range(0, 12).Select(async node =>
            {
                var job = Lanes.Job(node % 2 == 0 ? Odd : Lanes.Logistic, Data, 7, new() { BatchSize = 4 }) with
                {
                    Order = new Seeds(7).Stream("order", node, 0),
                };
                return (await pool.Run("run",
                    (lane, stop) => lane.EngineFor(job.Model, job.Settings).Train(job, stop))).Weights;
            }));
        }

        var (one, two) = (await TrainTwelve(1), await TrainTwelve(2));

        Assert.Equal(one, two);
        Assert.Equal(12, one.Distinct().Count());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_cancelled_job_ends_between_two_steps()
    {
        await using var lanes = new TrainingLanes(1);
        using var stop = new CancellationTokenSource();
        var job = Lanes.Job(Odd, Data, 7, new() { Steps = 100_000_000 });
        var started = new TaskCompletionSource();
        var running = lanes.Run("a", (lane, token) =>
        {
            started.SetResult();
            return lane.EngineFor(job.Model, job.Settings).Train(job, token);
        }, stop.Token);
        await started.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(3e38f)]
    public void Weights_that_diverge_are_counted_and_crash_nothing(float weight)
    {
        using var engine = new DenseEngine();
        var job = Lanes.Job(Odd, Data, 7, new() { BatchSize = 16 });
        var broken = job.Start.Span.ToArray();
        Array.Fill(broken, weight, 0, 17); // all that goes into the first hidden unit
        broken[17 * 13] = 1e9f; // its bias: the unit is on

        var result = engine.Train(job with { Start = ParameterVector.Own(broken) });
        var tested = engine.Evaluate(new(Odd, Classes.Of(7), result.Weights, Data), [.. Enumerable.Range(0, 61)]);

        Assert.Equal(61, result.Metrics.NotFinite);
        Assert.Equal(61, tested.NotFinite);
        Assert.Equal(0, tested.Correct);
    }

    [Fact]
    public void Vectors_of_another_model_are_refused()
    {
        using var engine = new DenseEngine();
        var job = Lanes.Job(Odd, Data, 7, new() { Optimizer = Lanes.Sgd(momentum: 0.9) });
        var five = ParameterVector.Zeros(5);

        Assert.Throws<ArgumentException>(() => engine.Train(job with { Start = five }));
        Assert.Throws<ArgumentException>(() => engine.Train(job with { Objective = new(0.5f, five) }));
        Assert.Throws<ArgumentException>(() => engine.Train(job with { Objective = new(0.5f) }));
        Assert.Throws<ArgumentException>(() => engine.Train(job with { Objective = new(Shift: five) }));
        Assert.Throws<ArgumentException>(() => engine.Train(job with { Optimizer = new(1, five, null) }));
        Assert.Throws<ArgumentException>(() => engine.Evaluate(new(Odd, Classes.Of(7), five, Data), [0]));
    }

    private static float[] OneStep(float[] start)
    {
        // (255/255 - 0) / 1 = 1
        var pixel = new ImageSet([255], [0], new(1, 1, 1), new PixelScale(255, [0.0], [1.0]));
        var model = new Component<Model>("mlp", new Mlp.Options { Hidden = [1] });
        using var engine = new DenseEngine();
        return engine.Train(new(model, Classes.Of(2), pixel, [0], new() { Optimizer = Lanes.Sgd(0.5) },
            ParameterVector.Own(start), LocalObjective.None,
            OptimizerState.Fresh, new Seeds(1).Stream("order"))).Weights.Span.ToArray();
    }

    private static ParameterVector Vector(int length, string name)
    {
        var stream = new Seeds(5).Stream(name);
        return ParameterVector.Own([.. Enumerable.Range(0, length).Select(_ => 0.2f * stream.NextSingle() - 0.1f)]);
    }
}
