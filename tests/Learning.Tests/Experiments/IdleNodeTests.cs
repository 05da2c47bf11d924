using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tests.Algorithms;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>
/// Nodes that do not train in a round are idle: they receive nothing, hold no model, and the results stay the same.
/// </summary>
public class IdleNodeTests
{
    private const string Half = "\"clientFraction\":0.5";

    private static readonly string[] NobodyIsTested = ["training.validationFraction=0",
        "partitioner.testSamplesPerNode=0"];

    public static TheoryData<string> WithIdleNodes =>
        [.. Toy.Algorithms.Where(a => Toy.Experiment("algorithm="
            + a).Algorithm.Create().PersistentState is { HasModel: false })];

    // Nodes that have test samples of their own are not idle, and train in the same way.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(WithIdleNodes))]
    public async Task The_server_has_the_same_model_as_when_every_node_receives_it_each_round(string algorithm)
    {
        string[] settings = [$"algorithm={{\"name\":\"{algorithm}\",{Half}}}", "rounds=5",
            "training.validationFraction=0"];
        var idle = await AlgorithmLaws.Run([.. settings, "partitioner.testSamplesPerNode=0"]);
        var all = await AlgorithmLaws.Run([.. settings, "partitioner.testSamplesPerNode=3"]);

        Assert.Equal(all.Weights[0], Assert.Single(idle.Weights));
        Assert.Equal(all.Rounds.Select(r => r.Training), idle.Rounds.Select(r => r.Training));
        Assert.Equal(all.Rounds.Select(r => r.Nodes[0].Test), idle.Rounds.Select(r => r.Nodes[0].Test));
        Assert.Equal(all.Rounds.Select(r => r.TestAccuracy.Min), idle.Rounds.Select(r => r.TestAccuracy.Mean));
    }

    [Fact(Timeout = 60_000)]
    public async Task Nodes_that_train_receive_the_model_and_send_theirs_and_no_other_node_receives_anything()
    {
        string[] settings = [.. NobodyIsTested, $"algorithm={{\"name\":\"fedavg\",{Half}}}", "rounds=4"];
        var plan = new ToyRun(settings).Plan;

        var run = await AlgorithmLaws.Run(settings);

        foreach (var report in run.Rounds)
        {
            // the server sends itself nothing
            var clients = Enumerable.Range(1, 5).Count(n => plan.Trains(n, report.Round - 1));
            Assert.Equal((report.Round == 1 ? 1 : 2) * clients * plan.Layout.Length * (long)sizeof(float),
                report.PayloadBytes);
            Assert.Equal(plan.Protocol.Participants(report.Round - 1), report.Nodes.Select(n => n.Node));
        }
    }

    [Theory]
    [InlineData(true, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}")]
    [InlineData(false, "algorithm=fedavg")] // everybody trains
    [InlineData(false, "algorithm={\"name\":\"fedper\",\"clientFraction\":0.5}")] // models of the nodes' own
    // each node is tested
    [InlineData(false, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}", "training.validationFraction=0.2")]
    // no server to receive from
    [InlineData(false, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}", "topology=ring")]
    [InlineData(false, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}",
        "nodeOverrides=[{\"nodes\":[2],\"algorithm\":\"isolated\"}]")]
    // the server leaves
    [InlineData(false, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}", "rounds=4",
        "membership=[{\"round\":2,\"remove\":[0]}]")]
    public void Nodes_are_idle_where_nobody_needs_them(bool idle, params string[] settings) =>
        Assert.Equal(idle, new ToyRun([.. NobodyIsTested, .. settings]).Plan.Protocol.HasIdleNodes);

    [Fact]
    public void The_server_cannot_leave_while_the_others_are_idle()
    {
        var plan = new ToyRun([.. NobodyIsTested, "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}",
            "rounds=9"]).Plan;

        Assert.Contains("Node 0 is the server",
            Assert.Single(plan.Refusals(new MembershipChange { Round = 4, Remove = [0] })));
        Assert.Empty(plan.Refusals(new MembershipChange { Round = 4, Remove = [3] }));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 0)]
    [InlineData(10, 4)]
    [InlineData(10, 10)]
    [InlineData(1_000_000, 100)]
    public void A_sample_holds_different_numbers(int n, int count)
    {
        var sample = new RandomStream(7).Sample(n, count);

        Assert.Equal(count, sample.Distinct().Count());
        Assert.All(sample, i => Assert.InRange(i, 0, n - 1));
    }

    [Fact]
    public void Each_number_is_drawn_as_often_as_any_other()
    {
        var stream = new RandomStream(3);
        var drawn = new int[5];
        for (var i = 0; i < 10_000; i++) foreach (var number in stream.Sample(5, 2)) drawn[number]++;

        // 4,000 expected; 250 is five standard deviations
        Assert.All(drawn, count => Assert.InRange(count, 3_750, 4_250));
    }
}
