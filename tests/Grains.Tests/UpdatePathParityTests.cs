using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// Aggregators, filters, attacks and disturbances give the simulation's bits on three silos, and the same nodes are
/// absent for the same reasons.
/// </summary>
public sealed class UpdatePathParityTests(UpdatePathParityTests.ThreeSilos silos)
    : IClassFixture<UpdatePathParityTests.ThreeSilos>
{
    private const string Flip = "attackers=[{\"share\":0.34,\"attack\":{\"name\":\"sign-flip\",\"scale\":2}}]";
    private const string Huge =
        "attackers=[{\"nodes\":[2],\"from\":2,\"attack\":{\"name\":\"sign-flip\",\"scale\":1e30}}]";
    private const string Filters =
        "filters=[{\"name\":\"clip-norm\",\"norm\":0.05},{\"name\":\"gaussian-noise\",\"std\":0.001}]";
    private const string Dropout = "disturbances=[{\"name\":\"markov-dropout\",\"rate\":0.35,\"meanRounds\":2}]";
    // 100,003 weights: two blocks, the second of which is another silo's
    private const string Large = "model={\"name\":\"mlp\",\"hidden\":[5000]}";
    // of 57 nodes: they are summed as they end
    private const string Many = "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}";

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg", "star", "aggregator=coordinate-median", Flip)]
    [InlineData("scaffold", "star", "aggregator=krum", Flip)]
    [InlineData("fedadam", "star", "aggregator={\"name\":\"krum\",\"m\":3}", Filters)]
    [InlineData("scaffold", "star", "aggregator=coordinate-median", Flip, Large, "rounds=2")]
    [InlineData("fedavg", "star", "aggregator={\"name\":\"krum\",\"m\":3}", "codec=float16", Large, "rounds=2")]
    [InlineData("fednova", "star", Filters, Flip)]
    [InlineData("fedavg", "star", Huge)]
    [InlineData("fedavg", "star", Dropout, "rounds=8")]
    [InlineData("scaffold", "star", Dropout, Flip, "aggregator=coordinate-median", "rounds=8")]
    [InlineData("{\"name\":\"feddyn\",\"clientFraction\":0.7}", "star", Dropout, "rounds=8",
        "training.validationFraction=0", "partitioner.testSamplesPerNode=0")]
    [InlineData("fedavg", "star", Filters, Flip, "nodes=57", Many)]
    [InlineData("fedavg", "star", Filters, Huge, Dropout, "nodes=57", Many)]
    [InlineData("fedper", "star", Filters, Flip)]
    [InlineData("gossip", "ring", "aggregator=coordinate-median", Flip)]
    [InlineData("gossip", "ring", "aggregator={\"name\":\"krum\",\"f\":0}", Flip)]
    [InlineData("gossip", "ring", Filters, Flip)]
    [InlineData("gossip", "ring", Huge)]
    [InlineData("gossip", "ring", Dropout, "rounds=8")]
    // rows that are too small at times
    [InlineData("gossip", "ring", Dropout, "aggregator={\"name\":\"krum\",\"f\":0}", "rounds=8")]
    [InlineData("gossip", "ring", Filters, Flip, "model=resnet6", "nodes=3", "rounds=2", "training.batchSize=6")]
    [InlineData("{\"name\":\"gossip\",\"averageLastLayer\":false}", "ring", Filters, Flip)]
    [InlineData("epidemic", "fully-connected", Dropout, Flip, "aggregator=coordinate-median", "rounds=5")]
    [InlineData("fedbuff", "star", Filters, Flip)]
    [InlineData("swift", "ring", Filters, Flip, "pace=simulated-time")]
    [InlineData("dispfl", "ring", Filters, Flip)]
    [InlineData("l2c", "fully-connected", Filters, Flip)]
    public async Task The_path_of_updates_gives_the_bits_of_the_simulation(
        string algorithm, string topology, params string[] more)
    {
        var experiment = Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}",
            "seating.roundQuorum=0.1", .. more]);
        var expected = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

        var events = await silos.Cluster.Finish(experiment);

        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        foreach (var (simulated, clustered) in expected.Rounds.Zip(events.OfType<RoundEvent>()))
        {
            Assert.Equal(simulated.Nodes.Where(n => !n.Present).Select(n => (n.Node, n.Absence)),
                (clustered.Absent ?? []).Select(a => (a.Node, (string?)a.Reason)));
            Assert.Equal(simulated.Training.Loss, clustered.TrainLoss);
            Assert.Equal(simulated.TestAccuracy.Mean, clustered.TestAccuracy ?? double.NaN);
            Assert.Equal(simulated.PayloadBytes, clustered.PayloadBytes);
        }
        Assert.Equal(expected.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_attacker_whose_update_is_refused_is_absent_by_name_in_record_and_log()
    {
        var events = await silos.Cluster.Finish(Toy.Experiment("rounds=2", Huge), "refused");

        var absent = Assert.Single(events.OfType<RoundEvent>().Last().Absent!);
        Assert.Equal((2, "train"), (absent.Node, absent.Phase));
        Assert.Contains("node 2 was absent. The update of node 2 is refused",
            await File.ReadAllTextAsync(Path.Combine(silos.Cluster.Runs, "refused", "log.txt")));
        Assert.Null(events.OfType<RoundEvent>().First().Absent); // the attack begins in round 2
    }

    public sealed class ThreeSilos : IAsyncLifetime
    {
        public FederationCluster Cluster { get; private set; } = null!;

        public async Task InitializeAsync() => Cluster = await FederationCluster.Start(silos: 3, lanes: 2);

        public Task DisposeAsync() => Cluster.DisposeAsync();
    }
}
