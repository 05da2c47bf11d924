using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Metrics on a cluster: the record has the numbers of the simulation's, whatever happens on the way.</summary>
public sealed class MetricTests : IAsyncLifetime
{
    private static readonly string[] Times = ["seconds", "train_seconds", "wire_bytes"]; // not what equal runs have alike

    private FederationCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await FederationCluster.Start(silos: 3, lanes: 1);

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg", "star")]
    [InlineData("fedavg", "star", "nodes=40", "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}")] // nodes that are summed as they end
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.5}", "star", "training.validationFraction=0", "partitioner.testSamplesPerNode=0")] // nodes that rest
    [InlineData("apfl", "star")]
    [InlineData("gossip", "ring", "training.engine=batched")]
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "star", Uneven)]
    public async Task A_record_has_the_numbers_of_the_simulation(string algorithm, string topology, params string[] more)
    {
        var experiment = Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}", Chosen, .. more]);

        var events = await _cluster.Finish(experiment, "parity");

        await IsOfTheSimulation(experiment, "parity", events);
        Assert.All(events.OfType<RoundEvent>(), r => Assert.True(r.Metrics!["update_norm"] > 0));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_has_them_after_a_silo_was_lost(bool coordinator)
    {
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=12", "checkpoints.every=3", Chosen);
        var grain = await _cluster.Begin(experiment, "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });
        var at = await _cluster.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        var silo = Enumerable.Range(0, 3).First(i => _cluster.AddressOf(i).Equals(at) == coordinator);

        await _cluster.Kill(silo);

        await IsOfTheSimulation(experiment, "lost", await _cluster.WatchOn("lost"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_chose_none_has_the_fixed_columns_and_events_alone()
    {
        var events = await _cluster.Finish(Toy.Experiment(), "plain");

        Assert.Equal(["round", .. ReportColumns.OfRound.Select(c => c.Name)], File.ReadLines(Path.Combine(_cluster.Runs, "plain", "metrics.csv")).First().Split(','));
        Assert.All(events.OfType<RoundEvent>(), r => Assert.DoesNotContain("metrics", r.ToJson(), StringComparison.Ordinal));
    }

    private const string Chosen = "metrics=[\"update-norm\",\"worst-train-loss\",\"own-model-share\"]";
    private const string Uneven = Toy.Uneven;

    private async Task IsOfTheSimulation(Experiment experiment, string run, List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var metrics = EmittedMetrics.Of(experiment);
        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        using (var folder = RunFolder.Create(_cluster.Runs, $"{run}-alone", TimeProvider.System, metrics))
            foreach (var round in alone.Rounds) folder.AppendRound(round);

        foreach (var file in (string[])["metrics.csv", "nodes.csv"]) Assert.Equal(Columns($"{run}-alone", file), Columns(run, file));
        Assert.Equal(
            alone.Rounds.Select(r => string.Join(' ', metrics.Select(m => $"{m.Name} {r.ValueOf(m)}").Where(m => !m.EndsWith("NaN", StringComparison.Ordinal)))),
            events.OfType<RoundEvent>().Select(r => string.Join(' ', r.Metrics!.Select(m => $"{m.Key} {m.Value}"))));
    }

    /// <summary>The lines of a CSV file without the columns of times.</summary>
    private List<string> Columns(string run, string file)
    {
        var lines = File.ReadAllLines(Path.Combine(_cluster.Runs, run, file)).Select(l => l.Split(',')).ToList();
        int[] kept = [.. lines[0].Index().Where(c => !Times.Contains(c.Item)).Select(c => c.Index)];
        return [.. lines.Select(l => string.Join(',', kept.Select(i => l[i])))];
    }
}
