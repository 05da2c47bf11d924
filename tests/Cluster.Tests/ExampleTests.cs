using System.Text.Json;
using Orleans.FL.ClientCli;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Cluster.Tests;

/// <summary>
/// Every file of experiments/ runs on a silo in a process of its own, with few rounds and samples. The digits are toys,
/// Fashion-MNIST is real.
/// </summary>
public sealed class ExampleTests(ExampleTests.OneSilo silo) : IClassFixture<ExampleTests.OneSilo>
{
    private const int Rounds = 2;

    private static readonly string[] Reduced =
    [
        $"rounds={Rounds}", "partitioner.samplesPerNode=20", "partitioner.sizes=[]", "training.steps=0",
        "training.epochs=1", "evaluation.testSamples=50", "checkpoints.every=0",
    ];

    public static TheoryData<string> Files => [.. Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "experiments"), "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(AppContext.BaseDirectory, file)).Order(StringComparer.Ordinal)];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Files))]
    public async Task An_example_runs_to_its_end(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, file);
        var (output, error) = (new StringWriter(), new StringWriter());
        var partitioner = ExperimentReader.ReadFile(path, []).Partitioner; // as it is, the file is valid
        var reduced = Reduced.Where(r => partitioner.Options is PartitionOptions
            || !r.StartsWith("partitioner.", StringComparison.Ordinal));

        var code = await Flctl.Run(["start", "--config", path, "--silo", silo.Gateway, "--json",
            .. reduced.SelectMany(entry => new[] { "--set", entry })],
            Terminal.Plain(output, error), new RealFederations(TimeProvider.System));

        Assert.True(code == ExitCode.Done, $"{output}{error}");
        var last = JsonDocument.Parse(output.ToString()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;
        Assert.Equal("finished", last.GetProperty("event").GetString());
        Assert.Equal(Rounds, last.GetProperty("rounds").GetInt32());
    }

    /// <summary>One silo for all files.</summary>
    public sealed class OneSilo : IAsyncLifetime, IDisposable
    {
        private readonly Workbench _bench = new();
        private SiloProgram _silo = null!;

        public string Gateway => _silo.Gateway;

        public async Task InitializeAsync() => _silo = await SiloProgram.Start(_bench, null, ["--lanes", "2"]);

        public async Task DisposeAsync() => await _silo.DisposeAsync();

        public void Dispose() => _bench.Dispose();
    }
}
