using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using TorchSharp;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// Every tensor is made within a scope, which refers to it: TorchSharp hands native code a pointer and lets go of
/// the tensor, so that the collector may free one that nothing else refers to while it is read. A process that builds
/// convolutions beside a busy collector dies of it.
/// </summary>
public sealed class ReachableTensorsTests
{
    public static TheoryData<string, string> Ways => new()
    {
        { "logistic-regression", EngineChoice.Torch },
        { "mlp", EngineChoice.Torch },
        { "cnn", EngineChoice.Torch },
        { "resnet6", EngineChoice.Torch },
        { "mlp", EngineChoice.Batched },
        { "cnn", EngineChoice.Batched },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Ways))]
    public async Task Work_on_a_lane_leaves_no_tensor_to_the_collector(string model, string engine)
    {
        var job = Job(model, new() { Engine = engine, BatchSize = 4 });

        var outside = await Lanes.On(lane =>
        {
            var before = Outside();
            var trainer = lane.EngineFor(job.Model, job.Settings);
            var weights = trainer.Train(job).Weights;
            var test = new EvaluationJob(job.Model, Classes.Of(3), weights, job.Data);
            trainer.Evaluate(test, job.Indices);
            trainer.Outputs(test, job.Indices);
            trainer.Gradient(test, job.Indices);
            new DeepInversion(lane.Torch, job.Model, job.Data.Shape, 3, weights, default)
                .InvertedSamples(new(2, 2, 0.1, 1, 1, 1, 1), new Seeds(1).Stream("deep-inversion"));
            return Outside() - before;
        });

        Assert.Equal(0, outside);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("cnn", "bfloat16", "contiguous")]
    [InlineData("resnet6", "float32", "channels-last")]
    public async Task Nor_in_other_formats(string model, string precision, string memoryFormat)
    {
        var job = Job(model,
            new() { Engine = EngineChoice.Torch, BatchSize = 4, Precision = precision, MemoryFormat = memoryFormat });

        Assert.Equal(0, await OutsideTraining(job));
    }

    [Fact(Timeout = 60_000)]
    public async Task Nor_do_the_terms_that_compare_models()
    {
        var job = Job("cnn", new() { Engine = EngineChoice.Torch, BatchSize = 4 });
        job = job with
        {
            Objective = new() { Distill = new(0.5f, 2, job.Start), Contrast = new(1, 0.5f, job.Start, [job.Start]) }
        };

        Assert.Equal(0, await OutsideTraining(job));
    }

    [Fact(Timeout = 60_000)]
    public async Task Nor_do_parts_of_a_model()
    {
        var data = ToyData.Images(4, Lanes.Small, 3, seed: 1);
        var weights = ParameterVector.Zeros(ParameterLayouts.LayoutOf(Lanes.Cnn, Lanes.Small, 3).Length);

        Assert.Equal(0, await Lanes.On(_ =>
        {
            TorchWorkspace.PrepareThread();
            var before = Outside();
            using var first = ModelParts.Of(new(Lanes.Cnn, Lanes.Small, Classes.Of(3), 0, 2), weights,
                new TrainingSettings());
            using var last = ModelParts.Of(new(Lanes.Cnn, Lanes.Small, Classes.Of(3), 2, 4), weights,
                new TrainingSettings());
            first.Begin(4);
            last.Begin(4);
            first.Read(data, [0, 1, 2, 3]);
            last.Read(first.Forward());
            last.Forward();
            last.Backward(new ClassLabels([0, 1, 2, 0]), [0, 1, 2, 3]);
            first.Backward(last.Errors());
            return Outside() - before;
        }));
    }

    /// <summary>
    /// The count is the one place where a layer hands libtorch a number that may be freed meanwhile (see ScalarTests);
    /// models are saved with zeros for it.
    /// </summary>
    [Fact(Timeout = 60_000)]
    public Task BatchNorm_counts_no_batches() => Lanes.On(lane =>
    {
        var instance = lane.Torch.Instance(Lanes.ResNet6, Lanes.Small, 3);

        Assert.NotEmpty(instance.Layout.Counters);
        Assert.NotEmpty(instance.Network.buffers());
        Assert.DoesNotContain(instance.Network.buffers(), b => b.dtype == torch.ScalarType.Int64);
        return true;
    });

    private static LocalJob Job(string model, TrainingSettings settings) =>
        Lanes.Job(new Component<Model>(model, null), ToyData.Images(10, Lanes.Small, 3, seed: 1), 3, settings);

    private static Task<long> OutsideTraining(LocalJob job) => Lanes.On(lane =>
    {
        var before = Outside();
        LocalTrainer.Train(lane.Torch, job);
        return Outside() - before;
    });

    /// <summary>Tensors that this thread made outside of every scope.</summary>
    private static long Outside() => DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount;
}
