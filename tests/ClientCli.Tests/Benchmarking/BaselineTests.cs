using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class BaselineTests : IDisposable
{
    private static readonly BenchJob Job = new("toy", BenchWork.Run, "A toy.", new Target(Figure.GemmShare, 0.5));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // More is better: 15 % below 0.80 is 0.68.
    [InlineData("gemmShare", 0.80, 0.681, false)]
    [InlineData("gemmShare", 0.80, 0.679, true)]
    [InlineData("gemmShare", 0.80, 1.500, false)]
    [InlineData("gemmShare", 0.80, double.NaN, true)]
    // Less is better: 15 % above 1.00 is 1.15.
    [InlineData("overSimulation", 1.00, 1.149, false)]
    [InlineData("overSimulation", 1.00, 1.151, true)]
    [InlineData("overSimulation", 1.00, 0.500, false)]
    public void A_ratio_that_is_worse_by_more_than_15_percent_is_named(
        string key, double before, double now, bool worse)
    {
        var figure = key == Figure.GemmShare.Key ? Figure.GemmShare : Figure.OverSimulation;

        var sentences = Baseline.Of([Measured(figure, before)]).Worse([Measured(figure, now)]).ToList();

        Assert.Equal(worse ? 1 : 0, sentences.Count);
        Assert.All(sentences, s => Assert.StartsWith("toy is worse", s));
    }

    [Fact]
    public void Seconds_and_bytes_are_never_kept_nor_compared()
    {
        var baseline = Baseline.Of([Measured(Figure.Seconds, 1), Measured(Figure.PeakMiB, 100)]);

        Assert.Empty(baseline.Ratios);
        Assert.Empty(baseline.Worse([Measured(Figure.Seconds, 50)]));
    }

    [Fact]
    public void What_the_baseline_lacks_is_not_compared()
    {
        Assert.Empty(Baseline.Of([]).Worse([Measured(Figure.GemmShare, 0.01)]));
    }

    [Fact]
    public void A_file_keeps_jobs_that_were_not_measured_again()
    {
        var file = Path.Combine(_folder.Path, "baseline.json");
        Baseline.Of([Measured(Figure.GemmShare, 0.75),
            Measured(Figure.GemmShare, 0.5) with { Job = Job with { Name = "other" } }]
            ).Save(file);

        Baseline.Of([Measured(Figure.GemmShare, 0.6)]).Save(file);

        var ratios = Baseline.Load(file).Ratios;
        Assert.Equal(0.6, ratios["toy"]["gemmShare"]);
        Assert.Equal(0.5, ratios["other"]["gemmShare"]);
    }

    [Fact]
    public void A_file_that_is_missing_is_a_sentence_with_the_remedy()
    {
        var e = Assert.Throws<MeasurementException>(() => Baseline.Load(Path.Combine(_folder.Path, "none.json")));

        Assert.Contains("--save-baseline", e.Message);
    }

    [Fact]
    public void The_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle()
    {
        // 1, 2, 4, 50: (2 + 4) / 2.
        double[] values = [50, 1, 4, 2];

        Assert.Equal(3, Measurement.Median([.. values.Select(v => Measured(Figure.Seconds, v))])[Figure.Seconds]);
    }

    private static Measurement Measured(Figure figure, double value) =>
        new(Job, new Dictionary<Figure, double> { [figure] = value });
}
