using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Batched;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Training.TorchLoading;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Batched;

/// <summary>The batched engine against libtorch's own, and against itself in other client batch.</summary>
public class BatchedEngineTests
{
    private const int Timeout = 120_000;

    /// <summary>After five steps no weight and no moment is further from libtorch's than this.</summary>
    private const double Bound = 1e-5;

    private static readonly Component<Model> Odd = new("mlp", new Mlp.Options { Hidden = [13, 5] });
    private static readonly ImageSet Line = ToyData.Images(61, new(1, 1, 17), 7, seed: 1);
    private static readonly ImageSet Square = ToyData.Images(61, new(1, 5, 5), 3, seed: 2);
    private static readonly ImageSet Full = ToyData.Images(61, new(1, 28, 28), 10, seed: 4);
    private static readonly ImageSet Colour = ToyData.Images(61, new(3, 6, 9), 4, seed: 3);
    private static readonly Component<Optimizer> Adam = new("adam", new Adam.Options { LearningRate = 0.001 });

    public static TheoryData<string, int, int> Cases => new()
    {
        { "odd", 10, 61 }, { "odd", 7, 61 }, { "odd", 1, 3 }, { "odd", 3, 1 }, { "odd", 0, 13 },
        { "logistic", 10, 61 }, { "logistic", 7, 20 }, { "logistic", 0, 61 },
        { "cnn", 10, 21 }, { "cnn", 7, 15 }, { "cnn", 3, 1 },
        { "colour", 10, 21 }, { "colour", 3, 7 },
        { "paper's mlp", 10, 31 }, { "paper's cnn", 4, 4 },
    };

    [Theory(Timeout = Timeout)]
    [InlineData("odd", 10, 0, 0, 0, false)]
    [InlineData("odd", 7, 0.9, 0.01, 0.5, true)]
    [InlineData("logistic", 3, 0.9, 0, 0, true)]
    [InlineData("logistic", 0, 0, 0.01, 0.5, false)]
    [InlineData("cnn", 10, 0.9, 0, 0, false)]
    [InlineData("cnn", 1, 0, 0.01, 0.5, true)]
    [InlineData("colour", 7, 0.9, 0, 0.5, false)]
    public async Task Training_agrees_with_libtorch(
        string name, int batch, double momentum, double decay, float proximal, bool shifted)
    {
        LocalJob Job(Component<Optimizer> optimizer)
        {
            var job = JobOf(name, new() { Steps = 5, BatchSize = batch, Optimizer = optimizer }, node: 0, samples: 61);
            return job with
            {
                Objective = new(proximal, Vector(job.Start.Length, "anchor"),
                    shifted ? Vector(job.Start.Length, "shift") : null)
                {
                    Mask = shifted ? Mask(job.Start.Length) : null,
                },
                Optimizer = momentum > 0 ? new(3, Vector(job.Start.Length, "moment"), null) : OptimizerState.Fresh,
            };
        }
        var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, Job(Lanes.Sgd(0.02, momentum, decay))));
        var batched = (await Together([Job(Lanes.Sgd(0.02, momentum, decay))]))[0];

        LocalTrainerTests.AssertClose(torch.Weights, batched.Weights, Bound);
        Assert.Equal(momentum > 0, batched.Optimizer.First is not null);
        if (momentum > 0) LocalTrainerTests.AssertClose(torch.Optimizer.First!, batched.Optimizer.First!, Bound);
        Assert.Equal((torch.Steps, torch.Optimizer.Steps), (batched.Steps, batched.Optimizer.Steps));
        Assert.Equal((torch.Metrics.Samples, torch.Metrics.Correct),
            (batched.Metrics.Samples, batched.Metrics.Correct));
        Assert.Equal(torch.Metrics.Loss, batched.Metrics.Loss, 1e-5);
    }

    [Theory(Timeout = Timeout)]
    [InlineData("odd")]
    [InlineData("cnn")]
    public async Task Adam_agrees_with_libtorch(string name)
    {
        LocalJob Job() => JobOf(name, new() { Steps = 2, BatchSize = 10, Optimizer = Adam }, node: 0, samples: 61);
        var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, Job()));

        var batched = (await Together([Job()]))[0];

        LocalTrainerTests.AssertClose(torch.Optimizer.First!, batched.Optimizer.First!, Bound);
        LocalTrainerTests.AssertClose(torch.Optimizer.Second!, batched.Optimizer.Second!, Bound);
        Assert.Equal(2, batched.Optimizer.Steps);
    }

    [Slow]
    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Cases))]
    public async Task A_result_has_the_same_bits_in_any_company(string name, int batch, int samples)
    {
        LocalJob Job(int node, int? count = null) => JobOf(name,
            new() { Epochs = 2, BatchSize = batch, Optimizer = Lanes.Sgd(momentum: 0.9) }, node, count ?? samples);
        LocalJob Broken(int node) => Job(node) with { Start = Filled(Job(node).Start.Length, float.NaN) };
        var alone = (await Together([Job(0)]))[0];

        foreach (var (place, clientBatch) in new (int, LocalJob[])[]
        {
            (0, [Job(0), Job(1)]), (1, [Job(1), Job(0)]), (1, [Job(1), Job(0), Job(2)]),
            (0, [Job(0), Job(0), Job(0), Job(0)]), (4, [.. Enumerable.Range(0, 8).Select(i => Job((i + 4) % 8))]),
            (15, [.. Enumerable.Range(0, 16).Select(i => Job(15 - i))]), (1, [Broken(1), Job(0), Broken(2)]),
            // some end sooner, and their batches differ
            (2, [Job(1, 0), Job(2, 1), Job(0), Job(3, samples / 2), Job(4, 2)]),
        })
        {
            var result = (await Together(clientBatch))[place];

            Assert.Equal(alone.Weights, result.Weights);
            Assert.Equal(alone.Optimizer, result.Optimizer);
            Assert.Equal(alone.Metrics, result.Metrics);
        }
        Assert.NotEqual(Job(0).Start, alone.Weights);
    }

    [Fact(Timeout = Timeout)]
    public async Task Equal_jobs_give_equal_bits_after_any_other_work_of_the_engine()
    {
        LocalJob Job(int node) => JobOf("odd", new() { BatchSize = 9, Optimizer = Adam }, node, 50);
        var fresh = (await Together([Job(0)]))[0];

        var (used, kept) = await Lanes.On(lane =>
        {
            Train(lane, [Job(1), Job(2), JobOf("cnn", new() { Engine = EngineChoice.Batched, BatchSize = 9 }, 0, 20)]);
            var result = Train(lane, [Job(0)])[0];
            var copy = ParameterVector.Own(result.Weights.Span.ToArray());
            Train(lane, [Job(3)]);
            return (result, copy);
        });

        Assert.Equal(fresh.Weights, used.Weights);
        Assert.Equal(fresh.Optimizer, used.Optimizer);
        Assert.Equal(kept, used.Weights); // not overwritten by the next job
    }

    [Fact(Timeout = Timeout)]
    public async Task Memory_apart_from_that_of_the_networks_changes_no_bit()
    {
        async Task<LocalResult[]> On(LaneDevice device)
        {
            await using var lanes = new TrainingLanes(1, () => [device]);
            return await lanes.Run("run", (lane, _) => Train(lane, [.. Enumerable.Range(0, 3).Select(node =>
                JobOf("colour", new() { BatchSize = 4, Optimizer = Lanes.Sgd(momentum: 0.9) }, node, 7 + node))]));
        }

        var (shared, apart) = (await On(LaneDevice.Cpu), await On(new LaneDevice("cpu", Mirrored: true)));

        Assert.Equal(shared.Select(r => r.Weights), apart.Select(r => r.Weights));
    }

    [Fact(Timeout = Timeout)]
    public async Task Without_samples_nothing_moves()
    {
        var job = JobOf("odd", new() { Steps = 5, Optimizer = Lanes.Sgd(momentum: 0.9) }, 0, samples: 0);

        var result = (await Together([job, JobOf("odd", new(), 1, 5)]))[0];

        Assert.Same(job.Start, result.Weights);
        Assert.Equal((0, MetricSums.Zero, 0), (result.Steps, result.Metrics, result.Optimizer.Steps));
    }

    [Fact(Timeout = Timeout)]
    public async Task Vectors_of_another_model_and_objectives_that_compare_models_are_refused()
    {
        var job = JobOf("odd", new() { Engine = EngineChoice.Batched, Optimizer = Lanes.Sgd(momentum: 0.9) }, 0, 5);
        var five = ParameterVector.Zeros(5);

        await Assert.ThrowsAsync<ArgumentException>(() => Alone(job with { Start = five }));
        await Assert.ThrowsAsync<ArgumentException>(() => Alone(job with { Objective = new(0.5f, five) }));
        await Assert.ThrowsAsync<ArgumentException>(() => Alone(job with { Optimizer = new(1, five, null) }));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Alone(job with { Objective = new() { Distill = new(1, 1, job.Start) } }));
        await Assert.ThrowsAsync<ExperimentException>(() => Alone(job with { Model = Lanes.ResNet6 }));
    }

    [Fact]
    public void The_cnn_has_the_layers_of_its_network()
    {
        TorchRuntime.EnsureLoaded();
        var layout = ParameterLayouts.LayoutOf(Lanes.Cnn, new(3, 6, 9), 7);

        var layers = Lanes.Cnn.Create().Stack!.Layers(new(3, 6, 9), 7); // cnn is a stack

        Assert.Equal(layout.Slices.Where((_, i) => i % 2 == 0).Select(s => s.Name),
            layers.Select(l => $"{l.Name}.weight"));
        Assert.Equal(layout.Slices.Where((_, i) => i % 2 == 0).Select(s => string.Join('x', s.Shape)),
            layers.Select(l => string.Join('x', l.Shape)));
        Assert.Equal(layout.Slices.Where((_, i) => i % 2 == 1).Select(s => s.Length), layers.Select(l => l.Outputs));
    }

    private static LocalJob JobOf(string name, TrainingSettings settings, int node, int samples)
    {
        var (model, data, classes) = name switch
        {
            "odd" => (Odd, Line, 7),
            "logistic" => (Lanes.Logistic, Square, 3),
            "cnn" => (Lanes.Cnn, Square, 3),
            "paper's mlp" => (new("mlp", null), Full, 10),
            "paper's cnn" => (Lanes.Cnn, Full, 10),
            _ => (Lanes.Cnn, Colour, 4),
        };
        return Lanes.Job(model, data, classes, settings) with
        {
            Indices = [.. Enumerable.Range(0, samples).Select(i => (i + node) % data.Count)],
            Order = new Seeds(7).Stream("order", node, 0),
        };
    }

    private static Task<LocalResult[]> Together(LocalJob[] jobs) => Lanes.On(lane => Train(lane, jobs));

    private static LocalResult[] Train(Lane lane, LocalJob[] jobs)
    {
        using var engine = new BatchedEngine(lane.Torch, new TorchEngine(lane.Torch), () => null);
        BatchedClient[] clients = [.. jobs.Select(job =>
            new BatchedClient(job, ParameterLayouts.LayoutOf(job.Model, job.Data.Shape, job.Outputs.Count), default))];
        engine.Train(clients);
        return [.. clients.Select(c => c.Result)];
    }

    private static Task<LocalResult> Alone(LocalJob job) =>
        Lanes.On(lane => lane.EngineFor(job.Model, job.Settings).Train(job));

    private static ParameterVector Vector(int length, string name)
    {
        var stream = new Seeds(5).Stream(name);
        return ParameterVector.Own([.. Enumerable.Range(0, length).Select(_ => 0.2f * stream.NextSingle() - 0.1f)]);
    }

    private static ParameterVector Mask(int length) =>
        ParameterVector.Own([.. Enumerable.Range(0, length).Select(i => i % 3 == 0 ? 0f : 1f)]);

    private static ParameterVector Filled(int length, float value) =>
        ParameterVector.Own([.. Enumerable.Repeat(value, length)]);
}
