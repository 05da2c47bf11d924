using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class RunRatesTests
{
    private const string Metrics = """
        round,seconds,nodes,present,train_samples,train_loss,train_seconds
        1,1.5,2,2,120,2.5,4
        2,1.5,2,2,60,,5
        3,1.5,2,2,,,
        """;

    private const string Nodes = """
        round,node,absence,steps,train_seconds,train_samples
        1,0,,6,2,60
        1,1,,6,2,60
        2,0,,0,0,
        2,1,,6,5,60
        3,0,"was late, by 3 s",6,1,60
        3,1,,0,0,
        """;

    [Fact]
    public void Rates_are_what_was_done_over_the_seconds_of_rounds()
    {
        // Seated at 10 s, the third round committed at 14.5 s; 3 trainings of nodes, 180 images, 9 s of
        // training; 4 lanes.
        var round = new RoundWork(1, 60, null, 3, 4,
            [new("train", 1), new("exchange 1", 0.25), new("exchange 2", 0.5)]);
        RunEvent[] events = [Sample.Registered, At(Sample.Seated, 10), At(Sample.Round(1) with { Work = round }, 12),
            At(Sample.Round(2) with { Work = round }, 13), At(Sample.Round(3) with { Work = round }, 14.5),
            Sample.Finished];
        var rates = RunRates.Of(events, Metrics.Split('\n'), Nodes.Split('\n'));

        Assert.Equal(new RunRates(3, 4.5, 3, 180, 9, 4, 2.25, 1.25), rates);
        var figures = rates.Figures(operationsOfSample: 1e8, peakRate: 40, gemmRate: 16)
            .ToDictionary(f => f.Figure, f => f.Value);
        Assert.Equal(1.5, figures[Figure.RoundSeconds]);
        Assert.Equal(3 / 4.5, figures[Figure.ClientsPerSecond]);
        Assert.Equal(40, figures[Figure.ImagesPerSecond]); // 180 / 4.5
        Assert.Equal(4, figures[Figure.Gflops], 12); // 40 · 0.1
        Assert.Equal(0.1, figures[Figure.PeakShare], 12);
        Assert.Equal(0.25, figures[Figure.GemmShare], 12);
        Assert.Equal(0.5, figures[Figure.TrainingShare]); // 9 / (4 · 4.5)
        Assert.Equal(0.75, figures[Figure.ExchangeSeconds]);
    }

    [Fact]
    public void A_run_that_failed_has_no_rates_but_a_reason()
    {
        RunEvent[] events = [Sample.Registered, Sample.Seated,
            new FailedEvent(Sample.Run, Sample.Folder, 0, "The disk is full.")];

        var e = Assert.Throws<MeasurementException>(() => RunRates.Of(events, Metrics.Split('\n'), Nodes.Split('\n')));

        Assert.Contains("The disk is full.", e.Message);
    }

    [Theory]
    // 784·10 = 7,840 multiplications; forward and gradient of the weights, no gradient of the input: 2·2·7,840.
    [InlineData("logistic-regression", 31_360)]
    // 156,800 + 40,000 + 2,000 = 198,800; 2·(3·198,800 - 156,800).
    [InlineData("mlp", 879_200)]
    // 784·25·32 = 627,200; 196·25·32·64 = 10,035,200; 3,136·512 = 1,605,632; 5,120: 12,273,152;
    // 2·(3·12,273,152 - 627,200).
    [InlineData("cnn", 72_384_512)]
    // 784·25·6 = 117,600; 100·25·6·16 = 240,000; 400·120 = 48,000; 120·84 = 10,080; 840: 416,520;
    // 2·(3·416,520 - 117,600).
    [InlineData("lenet", 2_263_920)]
    public void Operations_are_counted_from_the_model(string name, double operations)
    {
        var model = Learning.Components.Catalog<Model>.Create(name, null);

        Assert.Equal(operations, TrainingOperations.OfSample(model.Products(new SampleShape(1, 28, 28), 10)));
    }

    [Fact]
    public void A_model_that_nobody_counted_has_no_operations() =>
        Assert.True(double.IsNaN(
            TrainingOperations.OfSample(new Uncounted().Products(new SampleShape(1, 28, 28), 10))));

    private static RunEvent At(RunEvent e, double seconds) =>
        e with { Time = DateTimeOffset.UnixEpoch.AddSeconds(seconds) };

    /// <summary>A network of libtorch alone.</summary>
    private sealed class Uncounted : Learning.Models.Model;
}
