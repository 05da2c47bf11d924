using Orleans.FL.Learning.Tests.Algorithms;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Paces;

/// <summary>What holds of runs in simulated time.</summary>
public class SimulatedTimePaceTests
{
    public static TheoryData<string> Uneven =>
        new("{\"name\":\"fedbuff\",\"bufferSize\":2,\"concurrency\":4}", "fedasync",
            "{\"name\":\"swift\",\"interval\":2}", "{\"name\":\"swift\",\"mailbox\":\"arrived\"}",
            "{\"name\":\"fedavg\",\"clientFraction\":0.5}", "gossip");

    [Theory(Timeout = 60_000)]
    [InlineData("fedavg", "star")]
    [InlineData("scaffold", "star")]
    [InlineData("gossip", "torus")]
    [InlineData("push-sum", "static-exponential")]
    public async Task Synchronous_algorithms_give_the_same_bytes_without_simulated_time(
        string algorithm, string topology)
    {
        string[] overrides = ["algorithm=" + algorithm, "topology=" + topology];
        var (wall, timed) = (await AlgorithmLaws.Run(overrides), await AlgorithmLaws.Run([.. overrides, Toy.Uneven]));

        Assert.Equal(wall.WeightsSha256, timed.WeightsSha256);
        Assert.All(wall.Rounds, r => Assert.True(double.IsNaN(r.SimulatedSeconds)));
        Assert.True(timed.Rounds[0].SimulatedSeconds > 0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Swift_among_equal_nodes_gives_the_bytes_of_synchronous_rounds(int interval)
    {
        string[] overrides = [$"algorithm={{\"name\":\"swift\",\"interval\":{interval}}}", "topology=ring", "rounds=4"];

        Assert.Equal((await AlgorithmLaws.Run(overrides)).WeightsSha256,
            (await AlgorithmLaws.Run([.. overrides, "pace=simulated-time"])).WeightsSha256);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Uneven))]
    public async Task Lanes_do_not_change_a_bit(string algorithm)
    {
        string[] overrides = [.. Of(algorithm), "rounds=8"];
        var (one, three) = (await AlgorithmLaws.Run(overrides, lanes: 1), await AlgorithmLaws.Run(overrides, lanes: 3));

        Assert.Equal(one.WeightsSha256, three.WeightsSha256);
        Assert.Equal(one.Rounds.SelectMany(r => r.Nodes), three.Rounds.SelectMany(r => r.Nodes));
        Assert.Equal(one.Rounds.Select(r => (r.SimulatedSeconds, r.Staleness)),
            three.Rounds.Select(r => (r.SimulatedSeconds, r.Staleness)));
        Assert.Equal(one.Rounds.Select(r => r.SimulatedSeconds).Order(), one.Rounds.Select(r => r.SimulatedSeconds));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Uneven))]
    public async Task Nodes_that_are_set_up_anew_from_their_states_go_on_to_the_same_bits(string algorithm)
    {
        string[] overrides = [.. Of(algorithm), "rounds=8"];
        var (whole, resumed) = (new ToyRun(overrides), new ToyRun(overrides));
        await using var lanes = new TrainingLanes(2);
        for (var round = 0; round < 8; round++)
        {
            await whole.Round(lanes, round);
            resumed = Resumed(resumed, overrides);
            await resumed.Round(lanes, round);
        }

        Assert.Equal(whole.Learners.Select(me => me.Tested), resumed.Learners.Select(me => me.Tested));
        Assert.Equal(whole.Plan.Scheduled(7)!.Seconds, resumed.Plan.Scheduled(7)!.Seconds);
    }

    // 12 samples at 1, 2 and 3 s; half a second of latency at each end but the server's. The slowest is trained at 36
    // s, received at 36.5 s, and has the model at 37 s.
    [Fact]
    public void A_synchronous_round_takes_what_the_slowest_takes()
    {
        var plan = new ToyRun("nodes=3", Pace("[1,2,3]", 0.5)).Plan;

        Assert.Equal(37, plan.Scheduled(0)!.Seconds, 6);
        Assert.Equal(74, plan.Scheduled(1)!.Seconds, 6);
    }

    // 15 samples each, one node a round. It receives the model of the round before, except in the first round, and
    // sends what it trained, half a second each; the server does not.
    [Fact]
    public void An_idle_node_is_not_waited_for()
    {
        var plan = new ToyRun("nodes=3", "rounds=8", "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.34}",
            "training.validationFraction=0",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":15}", Pace("[1,2,3]", 0.5)).Plan;
        Assert.True(plan.Protocol.HasIdleNodes);

        var expected = 0.0;
        for (var round = 0; round < 8; round++)
        {
            var node = Enumerable.Range(0, 3).Single(n => plan.Trains(n, round));
            expected += 15 * (node + 1) + (node == 0 ? 0 : round == 0 ? 0.5 : 1);
            Assert.Equal(expected, plan.Scheduled(round)!.Seconds, 6);
        }
    }

    /// <summary>A pace of given seconds a sample, whose links take no time for bytes.</summary>
    internal static string Pace(string seconds, double latency = 0) =>
        $"pace={{\"name\":\"simulated-time\",\"compute\":{{\"name\":\"trace\",\"values\":{seconds}}},"
            + "\"bandwidth\":{\"name\":\"constant\",\"value\":1e12},\"latency\":{\"name\":\"constant\","
            + $"\"value\":{latency}}}}}";

    private static string[] Of(string algorithm) =>
        ["algorithm=" + algorithm,
            algorithm.Contains("swift") || algorithm == "gossip" ? "topology=ring" : "topology=star", Toy.Uneven];

    /// <summary>Another plan and other learners with the same states, as after a loss of all silos.</summary>
    private static ToyRun Resumed(ToyRun run, string[] overrides)
    {
        var anew = new ToyRun(overrides);
        foreach (var me in anew.Learners)
        {
            var state = run.Learners[me.Index].State;
            me.State = state with { RoundStart = state.Weights };
        }
        return anew;
    }
}
