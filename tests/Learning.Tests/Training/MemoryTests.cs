using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>Runs alone, because the working set is the whole process's.</summary>
[Collection(nameof(MemoryTests))]
public class MemoryTests
{
    /// <summary>A leak of a batch's activations would be 65 MB here (10,000 · 2 · 810 floats), of the gradients 7,970 MB.</summary>
    [Fact(Timeout = 120_000)]
    public async Task Ten_thousand_steps_leave_memory_flat()
    {
        var model = new Component<Model>("mlp", new Mlp.Options());
        var data = ToyData.Images(200, new(1, 28, 28), 10, seed: 1);
        var settings = new TrainingSettings { Steps = 500, BatchSize = 2, Optimizer = new("adam", new Adam.Options()) };
        await using var lanes = new TrainingLanes(1);

        await Steps(2_000);
        var warm = Environment.WorkingSet;
        await Steps(10_000);
        var grown = (Environment.WorkingSet - warm) / 1024.0 / 1024;

        Assert.True(grown < 16, $"Memory grew by {grown:F1} MiB.");

        async Task Steps(int count)
        {
            for (var done = 0; done < count; done += settings.Steps)
                await lanes.Run("run", (lane, token) => LocalTrainer.Train(lane, Lanes.Job(model, data, 10, settings), token));
        }
    }
}

[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTestsRunAlone;
