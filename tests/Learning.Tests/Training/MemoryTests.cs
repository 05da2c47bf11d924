using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>Alone in the process while it runs: what it measures is the process's memory.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public class MemoryTests
{
    [Fact(Timeout = 60_000)]
    public async Task Half_steps_of_a_part_leave_no_tensors()
    {
        var part = new PartOfModel(Lanes.Cnn, Lanes.Small, Classes.Of(3), 0, 2);
        var (data, weights) = (ToyData.Images(8, Lanes.Small, 3, seed: 1),
            ParameterVector.Zeros(ParameterLayouts.LayoutOf(Lanes.Cnn, Lanes.Small, 3).Length));

        var (before, after) = await Lanes.On(_ =>
        {
            using var layers = ModelParts.Of(part, weights, new TrainingSettings());
            Steps(layers);
            var counted = Tensor.TotalCount;
            for (var i = 0; i < 10; i++) Steps(layers);
            return (counted, Tensor.TotalCount);
        });

        Assert.Equal(before, after);

        void Steps(ModelPart layers)
        {
            layers.Begin(4);
            layers.Read(data, [0, 1, 2, 3]);
            layers.Backward(layers.Forward());
            layers.Read(data, [4, 5, 6, 7]);
            layers.Test();
        }
    }

    /// <summary>A leak of one batch's activations a step would be 1,500 MB here, of one gradient 7,900 MB.</summary>
    [Slow]
    [Fact(Timeout = 120_000)]
    public async Task Ten_thousand_steps_leave_memory_flat()
    {
        var model = new Component<Model>("mlp", new Mlp.Options());
        var data = ToyData.Images(200, new(1, 28, 28), 10, seed: 1);
        var settings =
            new TrainingSettings { Steps = 500, BatchSize = 32, Optimizer = new("adam", new Adam.Options()) };
        await using var lanes = new TrainingLanes(1);

        await Steps(2_000);
        var (warm, tensors) = (Settled(), Tensor.TotalCount);
        await Steps(10_000);
        var grown = (Settled() - warm) / 1024.0 / 1024;

        Assert.Equal(tensors, Tensor.TotalCount);
        Assert.True(grown < 100, $"Memory grew by {grown:F1} MiB.");

        // Vectors that nobody holds any more are the collector's, not a leak.
        static long Settled()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return Environment.WorkingSet;
        }

        async Task Steps(int count)
        {
            for (var done = 0; done < count; done += settings.Steps)
                await lanes.Run("run",
                    (lane, token) => LocalTrainer.Train(lane.Torch, Lanes.Job(model, data, 10, settings), token));
        }
    }
}
