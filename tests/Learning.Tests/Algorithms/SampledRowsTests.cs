using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Algorithms that draw who receives from whom.</summary>
public class SampledRowsTests
{
    // Two groups of two, the server every second round. Moves 1, 3 | 5, 7: groups at 2 and 6. Then 0: groups still 2
    // and 6, all at 4.
    [Fact]
    public void Groups_average_each_round_and_all_of_them_every_second()
    {
        var run = new ToyRun("nodes=4", "algorithm=hierarchical-fedavg");
        foreach (var (node, by) in new[] { 1f, 3, 5, 7 }.Index()) run.Train(node, 0, by, 1);
        for (var e = 0; e < 4; e++) run.Exchange(0, e);
        Assert.Equal([2, 2, 6, 6], Enumerable.Range(0, 4).Select(run.Moved));

        for (var node = 0; node < 4; node++) run.Train(node, 1, 0, 1);
        for (var e = 0; e < 4; e++) run.Exchange(1, e);
        Assert.Equal([4, 4, 4, 4], Enumerable.Range(0, 4).Select(run.Moved));
    }

    // 8, 16 and 24 samples in groups {0} and {1, 2}: (16·2 + 24·4)/40 = 3.2; (8·1 + 40·3.2)/48 = 2.83333, what
    // fedavg gives.
    [Fact]
    public void Both_levels_count_by_samples()
    {
        var run = new ToyRun("nodes=3", "algorithm={\"name\":\"hierarchical-fedavg\",\"serverRounds\":1}",
            "partitioner={\"name\":\"iid\",\"sizes\":[10,20,30]}");
        foreach (var (node, by) in new[] { 1f, 2, 4 }.Index()) run.Train(node, 0, by, 1);

        for (var e = 0; e < 4; e++) run.Exchange(0, e);

        Assert.Equal([2.83333f, 2.83333f, 2.83333f], Enumerable.Range(0, 3).Select(run.Moved));
    }

    [Theory]
    [InlineData(6, 3)]
    [InlineData(9, 0)] // log₂ 9 = 3.17: four
    [InlineData(5, 4)]
    public void The_oracle_lets_each_node_receive_from_and_send_to_as_many(int nodes, int receivers)
    {
        var plan = new ToyRun($"nodes={nodes}", $"algorithm={{\"name\":\"epidemic\",\"receivers\":{receivers}}}",
            "topology=ring", "partitioner.samplesPerNode=10").Plan;
        var expected = receivers == 0 ? 4 : receivers;

        for (var round = 0; round < 5; round++)
            for (var node = 0; node < nodes; node++)
            {
                var row = plan.Row(node, round, 0);
                Assert.Equal(expected + 1, row.Count);
                Assert.All(row, r => Assert.Equal(1, r.Weight));
                Assert.Equal(expected, plan.ReceiverCount(node, round, 0));
            }
        // drawn anew, unless it is all
        Assert.Equal(expected == nodes - 1, plan.Row(0, 0, 0).SequenceEqual(plan.Row(0, 1, 0)));
    }

    // Four nodes with one receiver each: the nine permutations without a fixed point. Shifts of one order would give
    // cycles alone, never two pairs.
    [Fact]
    public void The_oracle_draws_every_regular_graph()
    {
        var plan = new ToyRun("nodes=4", "algorithm={\"name\":\"epidemic\",\"receivers\":1}", "topology=ring",
            "partitioner.samplesPerNode=10").Plan;

        var graphs = Enumerable.Range(0, 900).CountBy(round => string.Join(' ',
            Enumerable.Range(0, 4).Select(node => plan.Row(node, round, 0).Single(r => r.Node != node).Node)));

        Assert.Equal(9, graphs.Count());
        Assert.All(graphs, g => Assert.InRange(g.Value, 40, 150)); // 116.7 expected of a cycle, 66.7 of two pairs
    }

    [Fact]
    public void Locally_each_node_sends_to_as_many_and_receives_what_comes()
    {
        var plan = new ToyRun("algorithm={\"name\":\"epidemic\",\"variant\":\"local\",\"receivers\":2}",
            "topology=ring").Plan;

        var received = new List<int>();
        for (var round = 0; round < 20; round++)
            for (var node = 0; node < 6; node++)
            {
                Assert.Equal(2, plan.ReceiverCount(node, round, 0));
                Assert.Contains(plan.Row(node, round, 0), r => r.Node == node);
                received.Add(plan.Row(node, round, 0).Count - 1);
            }
        Assert.Equal(2, received.Average());
        Assert.True(received.Distinct().Count() > 2);
    }

    [Fact]
    public void More_receivers_than_there_are_others_are_refused() =>
        Assert.Contains("set receivers to 5 or less", Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm={\"name\":\"epidemic\",\"receivers\":6}", "topology=ring")).Errors).Message);

    // Ring: ⅓ for itself and each neighbour. One partner: ⅓ for it, ⅔ for the node itself.
    [Fact]
    public void A_node_that_pulls_from_one_neighbour_keeps_the_weight_of_the_other()
    {
        var plan = new ToyRun("algorithm={\"name\":\"gossip\",\"partners\":1}", "topology=ring").Plan;

        for (var round = 0; round < 5; round++)
            for (var node = 0; node < 6; node++)
            {
                var row = plan.Row(node, round, 0);
                Assert.Equal(2, row.Count);
                Assert.Equal(2.0 / 3, row.Single(r => r.Node == node).Weight, 12);
                Assert.Equal(1.0 / 3, row.Single(r => r.Node != node).Weight, 12);
            }
        Assert.True(Enumerable.Range(0, 9)
            .Select(r => plan.Row(0, r, 0)[1].Node == 0 ? 5 : plan.Row(0, r, 0)[1].Node).Distinct().Count() > 1);
    }

    [Fact]
    public void A_node_that_pushes_to_one_neighbour_has_one_receiver()
    {
        var plan = new ToyRun("algorithm={\"name\":\"gossip\",\"partners\":1,\"direction\":\"push\"}",
            "topology=ring").Plan;

        for (var round = 0; round < 5; round++)
            for (var node = 0; node < 6; node++)
            {
                Assert.Equal(1, plan.ReceiverCount(node, round, 0));
                Assert.Equal(1, plan.Row(node, round, 0).Sum(r => r.Weight), 12);
                Assert.All(plan.Row(node, round, 0).Where(r => r.Node != node),
                    r => Assert.Equal(1.0 / 3, r.Weight, 12));
            }
    }

    [Fact]
    public void As_many_partners_as_neighbours_are_plain_gossip()
    {
        var drawn = new ToyRun("algorithm={\"name\":\"gossip\",\"partners\":4,\"direction\":\"push\"}",
            "topology=torus").Plan;
        var plain = new ToyRun("algorithm=gossip", "topology=torus").Plan;

        for (var node = 0; node < 6; node++)
        {
            Assert.Equal(plain.Row(node, 0, 0).Select(r => r.Node), drawn.Row(node, 0, 0).Select(r => r.Node));
            foreach (var (a, b) in plain.Row(node, 0, 0).Zip(drawn.Row(node, 0, 0)))
                Assert.Equal(a.Weight, b.Weight, 12);
        }
    }

    [Fact]
    public void The_weight_of_an_absent_sender_goes_back_to_a_receiver_that_counts_itself()
    {
        var plan = new ToyRun("algorithm={\"name\":\"epidemic\",\"receivers\":5}", "topology=ring").Plan;

        Assert.Equal([(0, 3.0), (1, 1.0), (2, 1.0), (5, 1.0)], plan.Row(0, 0, 0, new HashSet<int> { 3, 4 }));
    }
}
