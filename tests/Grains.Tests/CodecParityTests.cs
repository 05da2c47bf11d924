using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>Under a codec that rounds, the cluster gives the simulation's bits, and half the bytes are sent.</summary>
public abstract class CodecParityTests(int silos) : IAsyncLifetime
{
    private FederationCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await FederationCluster.Start(silos, lanes: 2);

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Theory(Timeout = 120_000)]
    [InlineData("fedavg", "star")]
    [InlineData("scaffold", "star")]
    [InlineData("fedadam", "star")]
    [InlineData("gossip", "ring")]
    [InlineData("push-sum", "ring")] // its share is exact
    [InlineData("fedavg", "ring")]
    // idle nodes
    [InlineData("{\"name\":\"fedavg\",\"clientFraction\":0.5}", "star", "training.validationFraction=0",
        "partitioner.testSamplesPerNode=0")]
    // lanes sum what they train
    [InlineData("fedavg", "star", "nodes=40", "partitioner={\"name\":\"iid\",\"samplesPerNode\":2}")]
    public async Task Float16_gives_the_bits_of_the_simulation(string algorithm, string topology, params string[] more)
    {
        var experiment = Toy.Experiment([$"algorithm={algorithm}", $"topology={topology}", "codec=float16", .. more]);
        var expected = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
        var plain = await Simulation.Run(experiment with { Codec = new("float32", null) },
            new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

        var events = await _cluster.Finish(experiment);

        Assert.NotEqual(plain.WeightsSha256, expected.WeightsSha256);
        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        Assert.Equal(expected.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
        Assert.Equal(expected.Rounds.Select(r => r.PayloadBytes),
            events.OfType<RoundEvent>().Select(r => r.PayloadBytes));
        Assert.Equal(expected.Rounds.Select(r => r.TestAccuracy.Mean),
            events.OfType<RoundEvent>().Select(r => r.TestAccuracy ?? double.NaN));
        Assert.All(expected.Rounds.Zip(plain.Rounds), r =>
            Assert.InRange(r.First.PayloadBytes, r.Second.PayloadBytes / 2, (r.Second.PayloadBytes / 2) + (2 * 40)));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_sends_and_receives_half_the_bytes_under_float16()
    {
        await _cluster.Finish(Toy.Experiment("algorithm=gossip", "topology=ring"), "plain");
        await _cluster.Finish(Toy.Experiment("algorithm=gossip", "topology=ring", "codec=float16"), "half");

        // mlp 16-8-3: 163 weights; a node of a ring has two neighbours.
        Assert.All(Bytes("plain"), b => Assert.Equal((2 * 163 * 4, 2 * 163 * 4), b));
        Assert.All(Bytes("half"), b => Assert.Equal((2 * 163 * 2, 2 * 163 * 2), b));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("gossip", "ring")]
    [InlineData("fedavg", "star")]
    public async Task A_node_whose_values_float16_cannot_carry_is_absent_and_named(string algorithm, string topology)
    {
        // One step of w - 1000 · (g + 1000 w): weights of some hundred thousand, finite, and too large for float16.
        var experiment = Toy.Experiment($"algorithm={algorithm}", $"topology={topology}", "codec=float16",
            "seating.roundQuorum=0.1", "rounds=2", "nodeOverrides=[{\"nodes\":[2],\"training\":{\"steps\":1,"
                + "\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000,\"weightDecay\":1000}}}]");
        var expected = await Simulation.Run(experiment, new SimulationOptions(Toy.Data(), 2, TimeProvider.System));

        var events = await _cluster.Finish(experiment);

        Assert.True(events[^1] is FinishedEvent, $"{events[^1]}");
        Assert.Equal(expected.WeightsSha256, ((FinishedEvent)events[^1]).WeightsSha256);
        Assert.All(events.OfType<RoundEvent>(), round =>
        {
            var absent = Assert.Single(round.Absent!);
            Assert.Equal(2, absent.Node);
            Assert.StartsWith("Node 2 sends the value ", absent.Reason);
            Assert.Contains("float16", absent.Reason);
        });
    }

    private List<(long Sent, long Received)> Bytes(string run)
    {
        var lines = File.ReadAllLines(Path.Combine(_cluster.Runs, run, "nodes.csv"));
        var columns = lines[0].Split(',');
        var (sent, received) = (Array.IndexOf(columns, "sent_bytes"), Array.IndexOf(columns, "received_bytes"));
        return [.. lines[1..].Select(l => l.Split(',')).Select(c => (long.Parse(c[sent]), long.Parse(c[received])))];
    }
}

public sealed class OneSiloCodecParityTests() : CodecParityTests(1);

public sealed class ThreeSilosCodecParityTests() : CodecParityTests(3);
