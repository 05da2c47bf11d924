using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// A cluster gives the simulation's bits: every algorithm on a covering set of topologies, on one silo and on three,
/// with one lane and with two.
/// </summary>
/// <param name="cluster">The cluster that the cases of a class share.</param>
public abstract class ParityTests(FederationCluster cluster)
{
    public static TheoryData<string, string> CoveringPairs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (algorithm, topology) in Toy.CoveringPairs) data.Add(algorithm, topology);
            return data;
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(CoveringPairs))]
    public Task Every_algorithm_on_a_covering_set_of_topologies_gives_the_bits_of_the_simulation(
        string algorithm, string topology) =>
        GivesTheBitsOfTheSimulation(Toy.Experiment($"algorithm={algorithm}", $"topology={topology}"));

    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"scaffold\",\"clientFraction\":0.5,\"globalLearningRate\":0.7}")]
    [InlineData("{\"name\":\"fedadam\",\"clientFraction\":0.4}", "training.optimizer=adam",
        "training.keepMoments=true")]
    [InlineData("{\"name\":\"feddyn\",\"clientFraction\":0.3}", "seating.members=5",
        "membership=[{\"round\":3,\"add\":[5],\"remove\":[2]}]")]
    public Task Idle_nodes_give_the_bits_of_the_simulation(string algorithm, params string[] more) =>
        GivesTheBitsOfTheSimulation(Toy.Experiment([$"algorithm={algorithm}", "rounds=5",
            "training.validationFraction=0", "partitioner.testSamplesPerNode=0", .. more]));

    [Fact(Timeout = 60_000)]
    public Task Adam_and_overrides_give_the_bits_of_the_simulation() =>
        GivesTheBitsOfTheSimulation(Toy.Experiment("topology=ring", "algorithm=gossip", "training.optimizer=adam",
            "nodeOverrides=[{\"nodes\":[1,2],\"algorithm\":{\"name\":\"fedprox\",\"mu\":0.5},"
                + "\"training\":{\"epochs\":2}},{\"nodes\":[4],\"algorithm\":\"isolated\"}]"));

    [Fact(Timeout = 60_000)]
    public Task Nodes_that_train_at_once_give_the_bits_of_the_simulation() => GivesTheBitsOfTheSimulation(
        Toy.Experiment("training.engine=batched", "algorithm=ditto", "training.optimizer=adam"));

    [Fact(Timeout = 60_000)]
    public Task BatchNorm_gives_the_bits_of_the_simulation() => GivesTheBitsOfTheSimulation(Toy.Experiment(
        "model=resnet6", "nodes=3", "rounds=2", "training.batchSize=6", "topology=ring", "algorithm=gossip"));

    [Fact(Timeout = 60_000)]
    public Task Layers_that_stay_give_the_bits_of_the_simulation() => GivesTheBitsOfTheSimulation(
        Toy.Experiment("model=resnet6", "nodes=3", "rounds=2", "training.batchSize=6", "algorithm=fedbn"));

    // The coordinator may sit on a silo without nodes; on any silo it reads the weights at the end.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(OneToEight))]
    public Task Fewer_nodes_than_silos_give_the_bits_of_the_simulation(int rounds) => GivesTheBitsOfTheSimulation(
        Toy.Experiment("algorithm=gossip", "topology=ring", "nodes=2", $"rounds={rounds}"));

    public static TheoryData<int> OneToEight => [.. Enumerable.Range(1, 8)];

    [Fact(Timeout = 60_000)]
    public Task Some_nodes_of_groups_give_the_bits_of_the_simulation() => GivesTheBitsOfTheSimulation(
        Toy.Experiment("algorithm={\"name\":\"hierarchical-fedavg\",\"clientFraction\":0.3,\"groups\":2}", "rounds=6",
            "topology=ring"));

    [Fact(Timeout = 60_000)]
    public Task Pushing_to_one_of_some_gives_the_bits_of_the_simulation() => GivesTheBitsOfTheSimulation(Toy.Experiment(
        "algorithm={\"name\":\"gossip\",\"partners\":1,\"direction\":\"push\",\"averageLastLayer\":false}",
        "topology=torus"));

    [Fact(Timeout = 60_000)]
    public Task A_new_member_begins_with_the_shared_model_and_gives_the_bits_of_the_simulation() =>
        GivesTheBitsOfTheSimulation(Toy.Experiment("algorithm=ditto", "rounds=4", "seating.members=5",
            "membership=[{\"round\":3,\"add\":[5],\"remove\":[2]}]"));

    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"split-learning\",\"cut\":2}", "training.epochs=2")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", "evaluation.every=2")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"head\":2}", "nodes=2",
        "partitioner.samplesPerNode=60")]
    [InlineData("{\"name\":\"split-learning\"}", "model=cnn", "rounds=3")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":2}", "model=resnet6", "rounds=3")]
    public Task Turns_give_the_bits_of_the_simulation(string algorithm, params string[] more) =>
        GivesTheBitsOfTheSimulation(Toy.Experiment([$"algorithm={algorithm}",
            "model={\"name\":\"mlp\",\"hidden\":[8,7,6]}", "rounds=7", .. more]));

    [Theory(Timeout = 120_000)]
    [InlineData("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "star")]
    [InlineData("fedasync", "star")]
    [InlineData("{\"name\":\"swift\",\"interval\":2,\"mailbox\":\"renormalised\"}", "ring")]
    [InlineData("fedavg", "star")]
    public Task Uneven_nodes_in_virtual_time_give_the_bits_of_the_simulation(string algorithm, string topology) =>
        GivesTheBitsOfTheSimulation(
            Toy.Experiment($"algorithm={algorithm}", $"topology={topology}", "rounds=8", Toy.Uneven));

    private protected async Task GivesTheBitsOfTheSimulation(Experiment experiment)
    {
        var expected = await Simulated.Run(experiment);

        var events = await cluster.Finish(experiment);

        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        var finished = (FinishedEvent)events[^1];
        Assert.Equal(expected.WeightsSha256, finished.WeightsSha256);
        var rounds = events.OfType<RoundEvent>().ToList();
        Assert.Equal(expected.Rounds.Count, rounds.Count);
        foreach (var (simulated, clustered) in expected.Rounds.Zip(rounds))
        {
            Assert.Equal(simulated.Training.Loss, clustered.TrainLoss);
            Assert.Equal(simulated.TestAccuracy.Mean, clustered.TestAccuracy ?? double.NaN);
            Assert.Equal(simulated.Validation.Loss, clustered.ValidationLoss ?? double.NaN);
            Assert.Equal(simulated.PayloadBytes, clustered.PayloadBytes);
            Assert.Equal(simulated.SimulatedSeconds, clustered.SimulatedSeconds ?? double.NaN);
        }
        var folder = events.OfType<RegisteredEvent>().Single().Folder;
        Assert.Equal(expected.Rounds.SelectMany(PeerScoresOf), PeerScoresIn(Path.Combine(folder, "peer_scores.csv")));
        var seated = events.OfType<SeatedEvent>().Single();
        // the silo with the least to do gets the next
        Assert.Equal(Math.Min(cluster.Silos, experiment.Nodes), seated.Silos);
        // Where a graph changes, an algorithm draws, or few nodes train, all updates may stay on one silo.
        Assert.True(seated.Silos > 1 || rounds.All(r => r.WireBytes == 0));
        var algorithm = experiment.Algorithm.Create();
        if (experiment.Topology.Name is "star" or "ring" && algorithm.Requires.ClientFraction == 1
            && !algorithm.Exchanges(experiment.Topology.Create()).Contains(ExchangeKind.SampledPeers))
            Assert.All(rounds, r => Assert.Equal(seated.Silos > 1 && r.PayloadBytes > 0, r.WireBytes > 0));
    }

    private static IEnumerable<string> PeerScoresOf(RoundReport round) =>
        round.Nodes.SelectMany(n =>
            n.PeerScores.Select(f => $"{round.Round},{n.Node},{f.Other},{f.Measure},{f.Value}"));

    private static IEnumerable<string> PeerScoresIn(string file) =>
        File.Exists(file) ? File.ReadLines(file).Skip(1) : [];
}

[Slow]
public sealed class OneSiloOneLaneParityTests(SharedClusters.OneSiloOneLane cluster)
    : ParityTests(cluster), IClassFixture<SharedClusters.OneSiloOneLane>;

[Slow]
public sealed class OneSiloTwoLanesParityTests(SharedClusters.OneSiloTwoLanes cluster)
    : ParityTests(cluster), IClassFixture<SharedClusters.OneSiloTwoLanes>
{
    [Fact(Timeout = 60_000)]
    public Task Many_nodes_that_are_summed_as_they_end_give_the_bits_of_the_simulation() =>
        GivesTheBitsOfTheSimulation(Toy.Experiment("algorithm=scaffold", "nodes=40", "rounds=3",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}"));
}

[Slow]
public sealed class ThreeSilosOneLaneParityTests(SharedClusters.ThreeSilosOneLane cluster)
    : ParityTests(cluster), IClassFixture<SharedClusters.ThreeSilosOneLane>;

/// <summary>The one cluster of them that <c>./test.sh --quick</c> tries.</summary>
public sealed class ThreeSilosTwoLanesParityTests(SharedClusters.ThreeSilosTwoLanes cluster)
    : ParityTests(cluster), IClassFixture<SharedClusters.ThreeSilosTwoLanes>
{
    [Theory(Timeout = 120_000)]
    [InlineData("fedavg")]
    [InlineData("fedprox", "training.optimizer=adam", "training.keepMoments=true")]
    [InlineData("scaffold")]
    [InlineData("fednova")]
    [InlineData("feddyn")]
    [InlineData("fedyogi")]
    [InlineData("{\"name\":\"moon\",\"mu\":0.5}")]
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.9}", "training.validationFraction=0")]
    public Task Many_nodes_of_a_silo_that_are_summed_as_they_end_give_the_bits_of_the_simulation(
        string algorithm, params string[] more) =>
        GivesTheBitsOfTheSimulation(Toy.Experiment([$"algorithm={algorithm}", "nodes=57", "rounds=3",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}", .. more]));

    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"sent-kl\",\"probe\":\"public\"}",
        "fully-connected")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"pairwise-kl\",\"votes\":3}", "torus")]
    [InlineData(
        "{\"name\":\"representation-similarity\",\"metric\":\"cka\",\"selection\":\"linear\",\"firstRounds\":1}",
        "fully-connected")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"loss-inverse\",\"consensus\":\"sim-averaging\","
        + "\"votes\":3}", "torus")]
    [InlineData("{\"name\":\"representation-similarity\",\"consensus\":\"sim-of-sim\",\"probe\":\"public\"}",
        "fully-connected")]
    [InlineData("{\"name\":\"representation-similarity\",\"consensus\":\"vote-1hop\",\"votes\":3}", "fully-connected")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"cka\",\"consensus\":\"affinity-propagation\"}",
        "fully-connected")]
    [InlineData(
        "{\"name\":\"representation-similarity\",\"consensus\":\"club\",\"clubSize\":1,\"roundsPerSelection\":2}",
        "fully-connected", "seating.members=5", "membership=[{\"round\":2,\"add\":[5],\"remove\":[1]}]")]
    [InlineData(
        "{\"name\":\"representation-similarity\",\"metric\":\"sent-kl\",\"probe\":\"deep-inversion\",\"invEpochs\":9}",
        "fully-connected")]
    [InlineData(
        "{\"name\":\"representation-similarity\",\"metric\":\"cka\",\"probe\":\"deep-inversion\",\"invEpochs\":9}",
        "torus", "model=resnet6")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"all\"}", "ring", "seating.members=5",
        "membership=[{\"round\":2,\"add\":[5],\"remove\":[1]}]")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"output-kl\",\"probe\":\"public\"}", "label-similarity")]
    [InlineData("{\"name\":\"fedweight\",\"consensus\":true,\"votes\":3}", "label-similarity", "seating.members=5",
        "membership=[{\"round\":2,\"add\":[5],\"remove\":[1]}]")]
    public Task Scores_on_public_samples_have_the_bits_of_the_simulation(
        string algorithm, string topology, params string[] more) =>
        GivesTheBitsOfTheSimulation(
            Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}", "publicSet={\"samples\":20}", .. more]));

    public static TheoryData<string> OtherTopologies =>
        [.. Toy.Topologies.Except(Toy.CoveringTopologies), "{\"name\":\"fully-connected\",\"maxPartners\":2}"];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(OtherTopologies))]
    public Task Gossip_on_every_topology_gives_the_bits_of_the_simulation(string topology) =>
        GivesTheBitsOfTheSimulation(Toy.Experiment("algorithm=gossip", $"topology={topology}"));
}

[Slow]
public sealed class OnDiskParityTests(SharedClusters.OnDisk cluster)
    : ParityTests(cluster), IClassFixture<SharedClusters.OnDisk>;
