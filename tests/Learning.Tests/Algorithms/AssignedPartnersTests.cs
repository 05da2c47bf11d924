using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>
/// FedRan, Assigned, Swarm: who receives from whom is drawn or given, and does not depend on the models.
/// </summary>
public class AssignedPartnersTests
{
    // p = 0.2 at x = 0, ½, 1. Up: 0, 0.1, 0.2; down: 0.2, 0.1, 0. Exponential: 0.2, √(0.2·0.8) = 0.4, 0.8, and
    // backwards. Logarithmic: 0.2·ln(1 + 0) = 0, 0.2·ln(1 + (e⁵ − 1)/2) = 0.2·ln 74.70658 = 0.862714, 0.2·ln e⁵ = 1.
    [Theory]
    [InlineData("constant", 0.2, 0.2, 0.2)]
    [InlineData("linear-up", 0, 0.1, 0.2)]
    [InlineData("linear-down", 0.2, 0.1, 0)]
    [InlineData("exponential-up", 0.2, 0.4, 0.8)]
    [InlineData("exponential-down", 0.8, 0.4, 0.2)]
    [InlineData("logarithmic-up", 0, 0.862714, 1)]
    public void Decays_of_the_community(string decay, double first, double middle, double last)
    {
        var fedran = new FedRan(new FedRan.Options { WithinCommunity = 0.2, WithinDecay = decay, DecayRounds = 10 });

        Assert.Equal([first, middle, last, last], new[] { 0, 5, 10, 99 }.Select(r => Math.Round(fedran.Within(r), 6)));
    }

    // Linear: 0.9 at 0, 0.9 − 0.4·½ = 0.7 after a quarter, 0.5 from the half on. Logarithmic: at the half 0.9 − 0.4·ln
    // 1.025/ln 1.05 = 0.697561.
    [Theory]
    [InlineData("constant", 0.25, 0.25, 0.25, 0.25)]
    [InlineData("linear", 0.9, 0.7, 0.5, 0.5)]
    [InlineData("logarithmic", 0.9, 0.798156, 0.697561, 0.5)]
    public void Decays_of_the_own_weight(string decay, double first, double quarter, double half, double last)
    {
        var fedran = new FedRan(new FedRan.Options { OwnDecay = decay, DecayRounds = 20 });

        Assert.Equal([first, quarter, half, last],
            new[] { 0, 5, 10, 20 }.Select(r => Math.Round(fedran.OwnWeight(r, 3), 6)));
    }

    [Fact]
    public void Random_partners_are_of_the_own_community_and_weights_sum_to_one()
    {
        var plan = new ToyRun("algorithm={\"name\":\"fedran\",\"partners\":2,\"communities\":2,\"ownWeight\":0.4,"
            + "\"laterAfter\":10,\"laterPartners\":1}").Plan;

        for (var round = 0; round < 12; round++)
            for (var node = 0; node < 6; node++)
            {
                var row = plan.Row(node, round, 0);
                Assert.Equal(round < 10 ? 3 : 2, row.Count);
                Assert.All(row, r => Assert.Equal(node % 2, r.Node % 2));
                Assert.Equal(0.4, row.Single(r => r.Node == node).Weight);
                Assert.Equal(1, row.Sum(r => r.Weight), 12);
            }
        Assert.Equal(2, Enumerable.Range(10, 20).SelectMany(r => plan.Row(0, r, 0)).Select(r => r.Node)
            .Where(n => n > 0).Distinct().Count());
    }

    [Fact]
    public void Other_communities_are_drawn_with_the_given_probability()
    {
        var plan = new ToyRun(
            "algorithm={\"name\":\"fedran\",\"partners\":1,\"communities\":2,\"withinCommunity\":0.3}", "nodes=6").Plan;

        var own = Enumerable.Range(0, 400).Count(r => plan.Row(0, r, 0).All(p => p.Node % 2 == 0));
        Assert.InRange(own, 90, 150); // 120 expected, deviation 9
    }

    // 4 nodes, moves 0, 4, 8, 12. Round 0, distance 1: 2, 6, 10, 6. Round 1, distance 2: (2 + 10)/2 = 6, 6, 6, 6.
    [Fact]
    public void One_peer_exponential_averages_a_power_of_two_exactly()
    {
        var run = new ToyRun("nodes=4", "algorithm=fedass");
        foreach (var (node, by) in new[] { 0f, 4, 8, 12 }.Index()) run.Train(node, 0, by, 1);
        run.Exchange(0, 0);
        Assert.Equal([2, 6, 10, 6], Enumerable.Range(0, 4).Select(run.Moved));

        run.Exchange(1, 0);
        Assert.Equal([6, 6, 6, 6], Enumerable.Range(0, 4).Select(run.Moved));
    }

    // ⌈log₂ 6⌉ = 3: distances 1, 2, 4, 1. ⌈log₂ 8⌉ = 3, ⌈log₂ 9⌉ = 4: 1, 2, 4, 8.
    [Theory]
    [InlineData(6, 1, 2, 4, 1)]
    [InlineData(8, 1, 2, 4, 1)]
    [InlineData(9, 1, 2, 4, 8)]
    public void The_distance_doubles_and_begins_again(int nodes, params int[] distances)
    {
        var plan = new ToyRun($"nodes={nodes}", "algorithm=assigned", "partitioner.samplesPerNode=10").Plan;

        for (var round = 0; round < 4; round++)
            Assert.Equal(new[] { 1, (1 + distances[round]) % nodes }.Order(),
                plan.Row(1, round, 0).Select(r => r.Node));
    }

    // Node 0 receives from 1 and 2: (1 + 2 + 6)/3 = 3. Node 1 nobody, node 2 node 0: (1 + 6)/2.
    [Fact]
    public void Given_partners_are_received_from_each_round()
    {
        var run = new ToyRun("nodes=3",
            "algorithm={\"name\":\"assigned\",\"strategy\":\"fixed\",\"lists\":[[1,2],[],[0]]}");
        foreach (var (node, by) in new[] { 1f, 2, 6 }.Index()) run.Train(node, 0, by, 1);

        run.Exchange(0, 0);

        Assert.Equal([3, 2, 3.5f], Enumerable.Range(0, 3).Select(run.Moved));
    }

    [Fact]
    public void Some_of_the_given_partners_are_drawn()
    {
        var plan = new ToyRun("nodes=4", "algorithm={\"name\":\"assigned\",\"strategy\":\"random-among-assigned\","
            + "\"lists\":[[1,3],[0],[0],[0]]}").Plan;

        Assert.Equal([1, 3],
            Enumerable.Range(0, 20).Select(r => plan.Row(0, r, 0).Single(p => p.Node != 0).Node).Distinct().Order());
    }

    [Theory]
    [InlineData("[[1],[0]]", "give one for each node")]
    [InlineData("[[1],[1],[0]]", "A partner of node 1 must be another one of 0 to 2")]
    [InlineData("[[1],[3],[0]]", "A partner of node 1 must be another one of 0 to 2")]
    public void Lists_that_do_not_fit_are_refused(string lists, string expected) =>
        Assert.Contains(expected, Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment("nodes=3",
            $"algorithm={{\"name\":\"assigned\",\"strategy\":\"fixed\",\"lists\":{lists}}}")).Errors).Message);

    // 8, 16 and 24 samples, moves 1, 2, 4: alike 7/3; by samples (8 + 32 + 96)/48 = 2.83333. Leaders 0, 1, 2, 0.
    [Theory]
    [InlineData(false, 2.33333f)]
    [InlineData(true, 2.83333f)]
    public void The_leader_moves_on_each_round(bool bySamples, float expected)
    {
        var run = new ToyRun("nodes=3",
            $"algorithm={{\"name\":\"swarm\",\"bySamples\":{(bySamples ? "true" : "false")}}}",
            "partitioner={\"name\":\"iid\",\"sizes\":[10,20,30]}");
        foreach (var (node, by) in new[] { 1f, 2, 4 }.Index()) run.Train(node, 0, by, 1);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.Equal([expected, expected, expected], Enumerable.Range(0, 3).Select(run.Moved));
        for (var round = 0; round < 4; round++)
        {
            Assert.Equal(3, run.Plan.Row(round % 3, round, 0).Count);
            Assert.Equal([(round % 3, 1.0)], run.Plan.Row((round + 1) % 3, round, 1));
            Assert.Equal(2, run.Plan.ReceiverCount(round % 3, round, 1));
        }
    }

    [Fact]
    public void A_drawn_leader_is_each_node_in_time()
    {
        var plan = new ToyRun("algorithm={\"name\":\"swarm\",\"leader\":\"random\"}").Plan;

        Assert.Equal(6, Enumerable.Range(0, 60)
            .Select(r => Enumerable.Range(0, 6).Single(n => plan.Row(n, r, 0).Count > 0)).Distinct().Count());
    }
}
