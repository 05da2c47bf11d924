using Orleans.FL.ClientCli.Benchmarking;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Benchmarking;

public sealed class BenchJournalTests : IDisposable
{
    private static readonly BenchJob Job = new("toy", BenchWork.Run, "A toy.", new Target(Figure.PeakShare, 0.5));

    private readonly TemporaryFolder _folder = new();

    private string Journal => Path.Combine(_folder.Path, "bench.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_interrupted_bench_goes_on_with_what_it_had_measured()
    {
        var point = new SizePoint(10, 31_400, 4, 0.5, 1 << 20);
        var first = BenchJournal.Open(Journal, "build 1");
        first.Add(new Measurement(Job,
            new Dictionary<Figure, double> { [Figure.PeakShare] = 0.4, [Figure.Gflops] = double.NaN }));
        first.Add("sizes nodes=10", point);
        File.AppendAllText(Journal, "{\"of\":\"build 1\",\"na"); // it was interrupted there

        var next = BenchJournal.Open(Journal, "build 1");

        Assert.Equal(0.4, next.Find(Job)![Figure.PeakShare]);
        Assert.True(double.IsNaN(next.Find(Job)![Figure.Gflops]));
        Assert.Equal(point, next.Find<SizePoint>("sizes nodes=10"));
        Assert.Null(next.Find(Job with { Name = "other" }));
    }

    [Fact]
    public void Results_of_another_build_are_none()
    {
        BenchJournal.Open(Journal, "build 1").Add(new Measurement(Job, new Dictionary<Figure, double>()));

        Assert.Null(BenchJournal.Open(Journal, "build 2").Find(Job));
        Assert.NotNull(BenchJournal.Open(Journal, "build 1").Find(Job));
    }

    [Fact]
    public void Without_a_file_nothing_is_kept()
    {
        var journal = BenchJournal.Open(null, "build 1");

        journal.Add(new Measurement(Job, new Dictionary<Figure, double>()));

        Assert.Null(journal.Find(Job));
    }
}
