using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Random;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>What every topology of the catalog must do, under every algorithm.</summary>
public class TopologyLaws
{
    /// <summary>All that can be drawn without data.</summary>
    public static TheoryData<string, int> Drawn
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in Toy.Topologies.Where(n => Default(n) is not IFollowLabels))
                foreach (var nodes in new[] { 1, 2, 3, 4, 6, 8, 9, 12, 25 })
                    if (Default(name).Refusal(nodes) is null) data.Add(name, nodes);
            return data;
        }
    }

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var algorithm in Toy.Algorithms)
                foreach (var topology in Toy.TopologiesFor(algorithm)) data.Add(algorithm, topology);
            return data;
        }
    }

    // Their graphs of several rounds together are connected; that of a single round need not be.
    private static readonly HashSet<string> ConnectedOverRounds =
        ["base-graph", "equi-dyn", "hyper-hypercube", "one-peer-exponential", "peer-sampling", "random-matching",
            "simple-base-graph"];

    // Each node samples its peers: rows sum to one, columns do not.
    private static readonly HashSet<string> RowsOnly = ["peer-sampling"];

    [Fact]
    public void Only_these_have_rounds_whose_graph_is_not_connected() =>
        Assert.Equal(ConnectedOverRounds.Order(StringComparer.Ordinal),
            Toy.Topologies.Where(n => Default(n) is not IFollowLabels && Default(n).Refusal(8) is null)
                .Where(n => Enumerable.Range(0, 8).Any(round => !Default(n).Draw(8, new Seeds(3), round).Connected))
                .Order(StringComparer.Ordinal));

    [Fact]
    public void Only_these_are_directed() =>
        Assert.Equal(["one-peer-exponential", "peer-sampling", "static-exponential"],
            Toy.Topologies.Where(n => Default(n).Directed).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Graphs_are_connected_symmetric_and_without_loops(string name, int nodes)
    {
        var topology = Default(name);
        for (var round = 0; round < 3; round++)
        {
            var graph = topology.Draw(nodes, new Seeds(3), round);
            if (!ConnectedOverRounds.Contains(name)) Assert.True(graph.Connected);
            for (var i = 0; i < nodes; i++)
            {
                var neighbours = graph.Neighbours(i).ToArray();
                Assert.Equal(neighbours.Order(), neighbours);
                Assert.Equal(graph.Degree(i), neighbours.Distinct().Count());
                Assert.DoesNotContain(i, neighbours);
                Assert.All(neighbours,
                    j => Assert.Contains(i, topology.Directed ? graph.Receivers(j) : graph.Neighbours(j)));
                Assert.Equal(graph.ReceiverCount(i), graph.Receivers(i).Count());
                Assert.All(graph.Receivers(i), j => Assert.Contains(i, graph.Neighbours(j)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Rounds_of_one_phase_have_one_graph_and_the_period_says_when_they_return(string name, int nodes)
    {
        var topology = Default(name);
        var period = topology.Period(nodes);
        for (var round = 0; round < 12; round++)
        {
            if (period > 0) Assert.Equal(round % period, topology.Phase(nodes, round));
            if (period > 0)
                Assert.Equal(Rows(topology.Draw(nodes, new Seeds(3), round)),
                    Rows(topology.Draw(nodes, new Seeds(3), round + period)));
            if (topology.Phase(nodes, round) == topology.Phase(nodes, round + 1))
                Assert.Equal(Rows(topology.Draw(nodes, new Seeds(3), round)),
                    Rows(topology.Draw(nodes, new Seeds(3), round + 1)));
        }
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void The_graphs_of_a_while_together_connect_all(string name, int nodes)
    {
        var topology = Default(name);
        var rounds = topology.Period(nodes) is var period and > 0 ? period : 40;
        var edges = Enumerable.Range(0, rounds).Select(r => topology.Draw(nodes, new Seeds(3), r))
            .SelectMany(g => Enumerable.Range(0, nodes).SelectMany(i => g.Neighbours(i).Select(j => (i, j))));

        Assert.True(SparseGraph.Of(nodes, edges).Connected);
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Own_weights_are_shares_that_leave_at_least_nothing(string name, int nodes)
    {
        var topology = Default(name);
        for (var round = 0; round < 8; round++)
        {
            var graph = topology.Draw(nodes, new Seeds(3), round);
            Assert.Equal(topology.Weighted, graph.Weighted);
            if (!graph.Weighted) continue;
            for (var i = 0; i < nodes; i++)
            {
                Assert.All(graph.Neighbours(i), j => Assert.InRange(graph.Weight(i, j), 1e-9, 1));
                Assert.InRange(graph.Neighbours(i).Sum(j => graph.Weight(i, j)), 0, 1 + 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void The_same_seed_draws_the_same_graph(string name, int nodes)
    {
        var (a, b) = (Default(name).Draw(nodes, new Seeds(7), 0), Default(name).Draw(nodes, new Seeds(7), 0));

        for (var i = 0; i < nodes; i++) Assert.Equal(a.Neighbours(i), b.Neighbours(i));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Rows_sum_to_one_and_receiver_counts_match_the_rows(string algorithm, string topology)
    {
        var plan = PlanOf(algorithm, topology);
        for (var e = 0; e < plan.Exchanges.Count; e++)
        {
            var receivers = new int[plan.Experiment.Nodes];
            for (var node = 0; node < plan.Experiment.Nodes; node++)
            {
                var row = plan.Row(node, 1, e);
                Assert.Equal(row.Select(r => r.Node).Order(), row.Select(r => r.Node));
                if (plan.Exchanges[e] is ExchangeKind.Neighbours or ExchangeKind.Broadcast && row.Count > 0)
                    Assert.Equal(1, row.Sum(r => r.Weight), 12);
                foreach (var (other, _) in row.Where(r => r.Node != node)) receivers[other]++;
            }
            for (var node = 0; node < receivers.Length; node++)
                Assert.Equal(receivers[node], plan.ReceiverCount(node, 1, e));
        }
    }

    [Theory]
    [MemberData(nameof(Drawn))]
    public void Gossip_by_default_is_doubly_stochastic(string topology, int nodes)
    {
        if (RowsOnly.Contains(topology)) return;
        var plan = PlanOf("gossip", topology, nodes);
        for (var round = 0; round < 3; round++)
        {
            var columns = new double[nodes];
            for (var node = 0; node < nodes; node++)
                foreach (var (other, weight) in plan.Row(node, round, 0)) columns[other] += weight;

            Assert.All(columns, c => Assert.Equal(1, c, 12));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void An_absent_neighbour_gives_its_weight_back(string algorithm, string topology)
    {
        var plan = PlanOf(algorithm, topology);
        for (var e = 0; e < plan.Exchanges.Count; e++)
            for (var node = 0; node < plan.Experiment.Nodes; node++)
            {
                var row = plan.Row(node, 0, e, new HashSet<int> { 1, 2 });
                Assert.DoesNotContain(row, r => r.Node is 1 or 2 && r.Node != node);
                if (plan.Exchanges[e] == ExchangeKind.Neighbours) Assert.Equal(1, row.Sum(r => r.Weight), 12);
            }
    }

    // Edge counts as networkx gives them (ring 9, star 8, torus 3 × 3: 18, complete 36); 4-regular on 9 nodes: 18.
    [Theory]
    [InlineData("ring", 9)]
    [InlineData("star", 8)]
    [InlineData("torus", 18)]
    [InlineData("fully-connected", 36)]
    [InlineData("random-regular", 18)]
    public void Nine_nodes_have_the_edges_that_the_name_says(string name, int edges) =>
        Assert.Equal(edges, Default(name).Draw(9, new Seeds(1), 0).Edges);

    [Theory]
    [InlineData("torus", 13, "12 (3 × 4) or 14 (2 × 7)")]
    [InlineData("torus", 2, "4 (2 × 2)")]
    [InlineData("random-regular", 4, "degree 3")]
    public void An_impossible_number_of_nodes_is_refused_with_the_nearest_that_works(
        string name, int nodes, string remedy) =>
        Assert.Contains(remedy, Default(name).Refusal(nodes));

    [Fact]
    public void An_odd_number_of_edge_ends_is_refused() =>
        Assert.Contains("odd", new RandomRegular(new RandomRegular.Options { Degree = 3 }).Refusal(9));

    [Theory]
    [InlineData(1000, 4)]
    [InlineData(50, 3)]
    [InlineData(20, 17)]
    [InlineData(10, 9)]
    [InlineData(12, 2)]
    public void A_random_regular_graph_has_the_degree_asked_for(int nodes, int degree)
    {
        var graph = new RandomRegular(new RandomRegular.Options { Degree = degree }).Draw(nodes, new Seeds(5), 0);

        Assert.True(graph.Connected);
        Assert.All(Enumerable.Range(0, nodes), i => Assert.Equal(degree, graph.Degree(i)));
    }

    [Fact]
    public void Different_seeds_draw_different_random_graphs()
    {
        var topology = Default("random-regular");
        var (a, b) = (topology.Draw(20, new Seeds(1), 0), topology.Draw(20, new Seeds(2), 0));

        Assert.Contains(Enumerable.Range(0, 20), i => !a.Neighbours(i).SequenceEqual(b.Neighbours(i)));
    }

    private static IEnumerable<string> Rows(Graph graph) => Enumerable.Range(0, graph.Nodes)
        .Select(i =>
            string.Join(' ', graph.Neighbours(i).Select(j => graph.Weighted ? $"{j}:{graph.Weight(i, j)}" : $"{j}")));

    private static Topology Default(string name) => Toy.Experiment($"topology={name}", "nodes=6").Topology.Create();

    private static Plan PlanOf(string algorithm, string topology, int nodes = 6) =>
        Plan.Of(Toy.Experiment($"algorithm={algorithm}", $"topology={topology}", $"nodes={nodes}",
            "partitioner.samplesPerNode=4", "partitioner.testSamplesPerNode=0"),
            Toy.Data().Get(new Component<Learning.Datasets.Dataset>("digits", null)));
}
