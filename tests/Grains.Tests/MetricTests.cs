using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Metrics on a cluster: the record has the numbers of the simulation, even after failures.</summary>
public sealed class MetricTests(SharedClusters.ThreeSilosOneLane shared)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>
{
    private const string Chosen =
        "metrics=[\"update-norm\",\"worst-train-loss\",\"own-model-share\",\"clipped-share\"]";
    private static readonly string[] Times = ["seconds", "train_seconds", "wire_bytes"]; // equal runs differ in them

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg", "star")]
    // Nodes that are summed as they end.
    [InlineData("fedavg", "star", "nodes=40", "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}")]
    // Idle nodes.
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.5}", "star", "training.validationFraction=0",
        "partitioner.testSamplesPerNode=0")]
    [InlineData("apfl", "star")]
    [InlineData("fedavg", "star", "filters=[{\"name\":\"clip-norm\",\"norm\":0.2}]")]
    [InlineData("gossip", "ring", "filters=[{\"name\":\"clip-norm\",\"norm\":0.2}]")]
    [InlineData("gossip", "ring", "training.engine=batched")]
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "star", Toy.Uneven)]
    public async Task A_record_has_the_numbers_of_the_simulation(
        string algorithm, string topology, params string[] more)
    {
        var experiment = Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}", Chosen, .. more]);

        var events = await shared.Finish(experiment);

        await IsOfTheSimulation(experiment, events);
        Assert.All(events.OfType<RoundEvent>(), r => Assert.True(r.FurtherMetrics!["update_norm"] > 0));
    }

    [Theory(Timeout = 120_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_has_them_after_a_silo_was_lost(bool coordinator)
    {
        await using var cluster = await FederationCluster.Start(silos: 3, lanes: 1);
        var experiment = Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=12",
            "checkpoints.every=3", Chosen);
        var grain = await cluster.Begin(experiment, "lost");
        await FederationCluster.Until(grain, e => e is RoundEvent { Round: 5 });
        var at = await cluster.Between.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        var silo = Enumerable.Range(0, 3).First(i => cluster.AddressOf(i).Equals(at) == coordinator);

        await cluster.Kill(silo);

        await IsOfTheSimulation(experiment, await cluster.WatchOn("lost"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_that_chose_none_has_the_fixed_columns_and_events_alone()
    {
        var events = await shared.Finish(Toy.Experiment());

        Assert.Equal(["round", .. ReportColumns.OfRound(Classes.Task).Select(c => c.Name)],
            File.ReadLines(Path.Combine(FolderOf(events), "metrics.csv")).First().Split(','));
        Assert.All(events.OfType<RoundEvent>(),
            r => Assert.DoesNotContain("metrics", r.ToJson(), StringComparison.Ordinal));
    }

    private static async Task IsOfTheSimulation(Experiment experiment, List<RunEvent> events)
    {
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var (folder, metrics) = (FolderOf(events), EmittedMetrics.Of(experiment));
        var alone = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        using (var simulated = RunFolder.Create(folder, "simulated", TimeProvider.System, Classes.Task, metrics))
            foreach (var round in alone.Rounds) simulated.AppendRound(round);

        foreach (var file in (string[])["metrics.csv", "nodes.csv"])
            Assert.Equal(Columns(Path.Combine(folder, "simulated", file)), Columns(Path.Combine(folder, file)));
        Assert.Equal(
            alone.Rounds.Select(r => metrics.Select(m => (m.Name, r.ValueOf(m))).Where(m => double.IsFinite(m.Item2))),
            events.OfType<RoundEvent>().Select(r => r.FurtherMetrics!.Select(m => (m.Key, m.Value))));
    }

    private static string FolderOf(List<RunEvent> events) => events.OfType<RegisteredEvent>().Single().Folder;

    /// <summary>The lines of a CSV file without the columns of times.</summary>
    private static List<string> Columns(string file)
    {
        var lines = File.ReadAllLines(file).Select(l => l.Split(',')).ToList();
        int[] kept = [.. lines[0].Index().Where(c => !Times.Contains(c.Item)).Select(c => c.Index)];
        return [.. lines.Select(l => string.Join(',', kept.Select(i => l[i])))];
    }
}
