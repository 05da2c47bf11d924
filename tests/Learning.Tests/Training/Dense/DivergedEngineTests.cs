using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>What an engine keeps from job to job must not hold what a training that diverged left there.</summary>
public class DivergedEngineTests
{
    private static readonly ImageSet Data = ToyData.Images(61, new(1, 1, 17), 7, seed: 1);
    private static readonly Component<Model> Odd = new("mlp", new Mlp.Options { Hidden = [13] }); // rows are filled up

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void After_a_training_that_diverged_the_next_has_the_bits_of_a_new_engine(double momentum)
    {
        LocalJob Job(double rate, int batch = 10) => Lanes.Job(
            Odd, Data, 7, new() { Steps = 20, BatchSize = batch, Optimizer = Lanes.Sgd(rate, momentum, 0) });
        using var fresh = new DenseEngine();
        using var used = new DenseEngine();
        var expected = fresh.Train(Job(0.05));

        var diverged = used.Train(Job(1e30));
        var after = used.Train(Job(0.05));
        var continued = used.Train(Job(0.05) with { Optimizer = after.Optimizer });

        Assert.Contains(diverged.Weights.Span.ToArray(), w => !float.IsFinite(w));
        Assert.Equal(expected.Weights, after.Weights);
        Assert.Equal(fresh.Train(Job(0.05) with { Optimizer = expected.Optimizer }).Weights, continued.Weights);
    }
}
