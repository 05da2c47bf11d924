using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>Jobs of the models that list their layers, on the dense engine beside libtorch.</summary>
public class LayeredEngineTests
{
    private const int Timeout = 180_000;

    /// <summary>After 20 steps no weight and no moment is further from libtorch's than this.</summary>
    private const double Bound = 1e-5;

    private static readonly SampleShape Shape = new(1, 13, 14);
    private static readonly ImageSet Data = ToyData.Images(37, Shape, 7, seed: 1);

    [Theory(Timeout = Timeout)]
    [InlineData("cnn", "sgd", 10)]
    [InlineData("cnn", "momentum", 1)]
    [InlineData("lenet", "sgd", 5)]
    [InlineData("lenet", "adam", 37)]
    [InlineData("lenet", "terms", 10)]
    [InlineData("femnist-cnn", "sgd", 6)]
    [InlineData("femnist-cnn", "adamw", 10)]
    [InlineData("resnet6", "sgd", 10)]
    [InlineData("resnet6", "terms", 12)]
    [InlineData("resnet6-group", "momentum", 1)]
    [InlineData("resnet6-group", "adam", 9)]
    [InlineData("mlp", "adam", 10)]
    [InlineData("logistic-regression", "adamw", 3)]
    public async Task Twenty_steps_agree_with_libtorch(string model, string kind, int batch)
    {
        var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, JobOf(model, kind, batch)));
        using var engine = new DenseEngine();
        var dense = engine.Train(JobOf(model, kind, batch));

        LocalTrainerTests.AssertClose(torch.Weights, dense.Weights, Bound);
        Assert.Equal(torch.Optimizer.First is null, dense.Optimizer.First is null);
        if (torch.Optimizer.First is { } first) LocalTrainerTests.AssertClose(first, dense.Optimizer.First!, Bound);
        if (torch.Optimizer.Second is { } second) LocalTrainerTests.AssertClose(second, dense.Optimizer.Second!, Bound);
        Assert.Equal(torch.Optimizer.Steps, dense.Optimizer.Steps);
        Assert.Equal(torch.Steps, dense.Steps);
        Assert.Equal(torch.Metrics.Samples, dense.Metrics.Samples);
        Assert.Equal(torch.Metrics.Correct, dense.Metrics.Correct);
        Assert.Equal(torch.Metrics.Loss, dense.Metrics.Loss, 1e-4);
    }

    [Theory(Timeout = Timeout)]
    [InlineData("cnn")]
    [InlineData("femnist-cnn")]
    [InlineData("resnet6")]
    [InlineData("resnet6-group")]
    public async Task Tests_outputs_and_gradients_agree_with_libtorch(string model)
    {
        var job = JobOf(model, "sgd", 10);
        var (evaluation, all) = (new EvaluationJob(job.Model, job.Outputs, job.Start, Data), job.Indices);
        var (torch, outputs, gradient) = await Lanes.On(lane =>
        {
            var engine = lane.EngineFor(job.Model, new() { Engine = EngineChoice.Torch });
            return (engine.Evaluate(evaluation, all), engine.Outputs(evaluation, all),
                engine.Gradient(evaluation, all));
        });
        using var dense = new DenseEngine();

        var tested = dense.Evaluate(evaluation, all);
        Assert.Equal(torch.Loss, tested.Loss, 1e-4);
        Assert.Equal((torch.Correct, torch.Samples), (tested.Correct, tested.Samples));
        LocalTrainerTests.AssertClose(outputs, dense.Outputs(evaluation, all), Bound);
        LocalTrainerTests.AssertClose(gradient, dense.Gradient(evaluation, all), Bound);
        Assert.Equal(MetricSums.Zero, dense.Evaluate(evaluation, []));
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("resnet6")]
    public void What_a_lane_did_before_changes_no_bit(string model)
    {
        using Engine fresh = new DenseEngine(), used = new DenseEngine();
        used.Train(JobOf(model, "sgd", 37));
        var diverged = JobOf(model, "momentum", 3) with { Start = NoNumbers(JobOf(model, "sgd", 1).Start.Length) };
        used.Train(diverged);

        Assert.Equal(fresh.Train(JobOf(model, "adam", 8)).Weights, used.Train(JobOf(model, "adam", 8)).Weights);
        Assert.Equal(fresh.Train(JobOf(model, "sgd", 8)).Weights, used.Train(JobOf(model, "sgd", 8)).Weights);
    }

    [Theory]
    [InlineData("cnn")]
    [InlineData("resnet6")]
    public void Without_samples_nothing_moves(string model)
    {
        using var engine = new DenseEngine();
        var job = JobOf(model, "momentum", 5) with { Indices = [] };

        var result = engine.Train(job);

        Assert.Equal(0, result.Steps);
        Assert.Same(job.Start, result.Weights);
        Assert.Equal(MetricSums.Zero, result.Metrics);
    }

    [Fact]
    public void A_batch_that_is_too_large_for_the_memory_is_worked_through_in_parts()
    {
        // 300 samples: more than the 256 that a network without BatchNorm has room for
        var data = ToyData.Images(300, new(1, 12, 12), 3, seed: 2);
        LocalJob Job(int steps) => Lanes.Job(new("lenet", null), data, 3, new() { Steps = steps, BatchSize = 0 });
        using var engine = new DenseEngine();

        var result = engine.Train(Job(2));

        Assert.Equal(600, result.Metrics.Samples);
        Assert.Equal(2, result.Steps);
        var gradient = engine.Gradient(new(Job(1).Model, Job(1).Outputs, Job(1).Start, data), Job(1).Indices);
        var expected = Vectors.Combine(Job(1).Start, 1, gradient, -0.05);
        LocalTrainerTests.AssertClose(expected, engine.Train(Job(1)).Weights, 1e-7);
    }

    private static LocalJob JobOf(string name, string kind, int batch)
    {
        Component<Model> model = name switch
        {
            "mlp" => Lanes.Mlp,
            "resnet6-group" => new("resnet6", new ResNetOptions { Norm = ResNetOptions.Group, Groups = 4 }),
            _ => new(name, null),
        };
        // BatchNorm over a few pixels makes much of rounding: the faster it learns, the sooner two engines part
        var rate = name switch { "resnet6" => 0.001, "resnet6-group" => 0.01, _ => 0.05 };
        Component<Optimizer> optimizer = kind switch
        {
            "adam" => new("adam", new Adam.Options { LearningRate = 1e-4, Epsilon = 1e-3 }),
            "adamw" => new("adamw", new AdamW.Options { LearningRate = 1e-4, Epsilon = 1e-3 }),
            "momentum" => Lanes.Sgd(rate / 5, 0.9, 0.01),
            "terms" => Lanes.Sgd(rate / 5, 0.5),
            _ => Lanes.Sgd(rate),
        };
        var job = Lanes.Job(model, Data, 7, new() { Steps = 20, BatchSize = batch, Optimizer = optimizer });
        if (kind != "terms") return job;
        var mask = new float[job.Start.Length];
        for (var i = 0; i < mask.Length; i++) mask[i] = i % 3 == 0 ? 0 : 1;
        return job with
        {
            Objective = new(0.5f, Noise(job.Start.Length, "anchor"), Noise(job.Start.Length, "shift"))
            {
                Mask = ParameterVector.Own(mask),
            },
        };
    }

    private static ParameterVector Noise(int length, string purpose)
    {
        var stream = new Seeds(9).Stream(purpose);
        return ParameterVector.Own([.. Enumerable.Range(0, length).Select(_ => 0.01f * (float)stream.NextNormal())]);
    }

    private static ParameterVector NoNumbers(int length) =>
        ParameterVector.Own([.. Enumerable.Repeat(float.NaN, length)]);
}
