using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Changing;
using Orleans.FL.Learning.Topologies.Fixed;
using Orleans.FL.Learning.Topologies.Random;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Edges and degrees by closed formulas and by hand.</summary>
public class GraphCountTests
{
    // grid 3 × 3: 2·3 + 2·3 = 12; circular ladder of 8: 3·8/2 = 12; ladder of 8: 3 + 3 + 4 = 10; tree: n - 1; wheel:
    // 2(n - 1); Turán(9, 2): 5·4; barbell(10, 3): 3 + 3 + 5 (path of 4 nodes between two ends); hypercube of 8: 3·8/2;
    // ring of 9: 9; torus 3 × 3: 18. The incomplete hypercube of 6 (000 … 101): 0-1 0-2 0-4 1-3 1-5 2-3 4-5 = 7;
    // lattice of degree 4 on 9: 18; Barabási–Albert on 9 with 2: 3 + 6·2 = 15. Ragged grid of 7 nodes: 3 columns, rows
    // of 3, 3, 1: 2 + 2 across, 3 + 1 down = 8. Ragged torus of 7: rows 3, 3, 0; columns 3, 1, 1 = 11.
    [Theory]
    [InlineData("grid", 9, 12)]
    [InlineData("grid", 7, 8)]
    [InlineData("grid", 3, 2)]
    [InlineData("{\"name\":\"grid\",\"columns\":2}", 6, 7)]
    [InlineData("{\"name\":\"torus\",\"ragged\":true}", 7, 11)]
    [InlineData("{\"name\":\"torus\",\"ragged\":true}", 9, 18)]
    [InlineData("circular-ladder", 8, 12)]
    [InlineData("ladder", 8, 10)]
    [InlineData("tree", 9, 8)]
    [InlineData("wheel", 9, 16)]
    [InlineData("bipartite", 9, 20)]
    [InlineData("barbell", 10, 11)]
    [InlineData("hypercube", 8, 12)]
    [InlineData("hypercube", 6, 7)]
    [InlineData("watts-strogatz", 9, 18)]
    [InlineData("barabasi-albert", 9, 15)]
    [InlineData("static-exponential", 9, 36)] // each receives from those at 1, 2, 4, 8
    [InlineData("one-peer-exponential", 9, 9)]
    [InlineData("random-matching", 9, 4)]
    [InlineData("peer-sampling", 9, 18)]
    [InlineData("{\"name\":\"erdos-renyi\",\"probability\":1}", 9, 36)]
    // blocks of 4 and 5: 6 + 10
    [InlineData("{\"name\":\"stochastic-block\",\"inside\":1,\"across\":0,\"connected\":false}", 9, 16)]
    public void Edges_are_as_many_as_the_formula_says(string topology, int nodes, long edges) =>
        Assert.Equal(edges, Matrices.Topology(topology, nodes).Draw(nodes, new Seeds(1), 0).Edges);

    [Theory]
    [InlineData("circular-ladder", 8, 3, 3)]
    [InlineData("ladder", 8, 2, 3)]
    [InlineData("hypercube", 16, 4, 4)]
    [InlineData("tree", 7, 1, 3)]
    [InlineData("{\"name\":\"tree\",\"arity\":3}", 13, 1, 4)]
    [InlineData("{\"name\":\"tree\",\"arity\":1}", 5, 1, 2)]
    [InlineData("wheel", 9, 3, 8)]
    [InlineData("bipartite", 9, 4, 5)]
    [InlineData("barbell", 10, 2, 3)]
    [InlineData("static-exponential", 16, 4, 4)]
    public void Degrees_lie_where_the_formula_says(string topology, int nodes, int least, int most)
    {
        var graph = Matrices.Topology(topology, nodes).Draw(nodes, new Seeds(1), 0);

        Assert.Equal((least, most),
            (Enumerable.Range(0, nodes).Min(graph.Degree), Enumerable.Range(0, nodes).Max(graph.Degree)));
    }

    // n = 1000, p = 0.02: 499,500 pairs, mean 9,990 edges, standard deviation 98.9; five of them are 495.
    [Fact]
    public void Erdos_Renyi_has_about_p_times_the_pairs()
    {
        var edges = new ErdosRenyi(new() { Probability = 0.02, Connected = false }).Draw(1000, new Seeds(4), 0).Edges;

        Assert.InRange(edges, 9_990 - 495, 9_990 + 495);
    }

    [Fact]
    public void All_pairs_are_equally_likely_in_Erdos_Renyi()
    {
        // 4 nodes, 6 pairs, p = 0.5, 4,000 draws: mean 2,000 a pair, standard deviation 31.6; five of them are 158.
        var counts = new int[4, 4];
        for (var seed = 0; seed < 4000; seed++)
        {
            var graph = new ErdosRenyi(new() { Probability = 0.5, Connected = false }).Draw(4, new Seeds(seed), 0);
            for (var i = 0; i < 4; i++)
                foreach (var j in graph.Neighbours(i)) counts[i, j]++;
        }

        for (var i = 0; i < 4; i++)
            for (var j = 0; j < i; j++) Assert.InRange(counts[i, j], 2000 - 158, 2000 + 158);
    }

    [Fact]
    public void Watts_Strogatz_keeps_the_lattice_at_zero_and_leaves_it_at_one()
    {
        var lattice = new WattsStrogatz(new() { Degree = 4, Rewire = 0 }).Draw(12, new Seeds(1), 0);
        var random = new WattsStrogatz(new() { Degree = 4, Rewire = 1 }).Draw(12, new Seeds(1), 0);

        Assert.Equal([1, 2, 10, 11], lattice.Neighbours(0));
        Assert.Equal(24, random.Edges);
        Assert.Contains(Enumerable.Range(0, 12), i => random.Degree(i) != 4);
    }

    [Theory]
    [InlineData("{\"name\":\"watts-strogatz\",\"degree\":3}", 9, "degree 2 or 4")]
    [InlineData("{\"name\":\"watts-strogatz\",\"degree\":6}", 6, "degree 4")]
    [InlineData("{\"name\":\"barabasi-albert\",\"newEdges\":9}", 6, "newEdges 5")]
    [InlineData("{\"name\":\"stochastic-block\",\"blocks\":9}", 6, "blocks 6")]
    [InlineData("{\"name\":\"stochastic-block\",\"across\":0}", 6, "connected to false")]
    [InlineData("{\"name\":\"barbell\",\"cliqueSize\":9}", 10, "cliqueSize 5")]
    [InlineData("ladder", 9, "8 or 10")]
    [InlineData("circular-ladder", 1, "2 nodes")]
    [InlineData("{\"name\":\"random-matching\",\"connected\":true}", 6, "connected to false")]
    [InlineData("{\"name\":\"ring\",\"mixing\":\"own\"}", 6, "no weights of its own")]
    [InlineData("{\"name\":\"base-graph\",\"maxPartners\":1}", 6, "break the weights")]
    [InlineData("{\"name\":\"torus\",\"ragged\":true,\"rows\":2}", 6, "not both")]
    public void What_cannot_be_is_refused_with_what_would_do(string topology, int nodes, string remedy) =>
        Assert.Contains(Matrices.ValidationError(topology, nodes), f => f.Contains(remedy));

    [Fact]
    public void A_graph_that_never_comes_out_connected_says_what_would_help()
    {
        var error = Assert.Throws<ExperimentException>(() => new ErdosRenyi(new() { Probability = 0.001 })
            .Draw(50, new Seeds(1), 0));

        Assert.Contains("raise the probability", error.Message);
    }

    [Theory]
    [InlineData("circle_ladder", "circular-ladder")]
    [InlineData("erdos_renyi", "erdos-renyi")]
    [InlineData("watts_strogatz", "watts-strogatz")]
    [InlineData("random_regular", "random-regular")]
    [InlineData("one_peer_exponential", "one-peer-exponential")]
    [InlineData("hyper_hypercube", "hyper-hypercube")]
    [InlineData("simple_base_graph", "simple-base-graph")]
    [InlineData("base_graph", "base-graph")]
    public void The_spellings_of_the_original_are_known(string alias, string name) =>
        Assert.Equal(name, Orleans.FL.Learning.Components.Catalog<Topology>.Find(alias)?.Name);

    [Fact]
    public void A_million_nodes_need_no_lists_where_a_formula_does()
    {
        Topology[] formulas =
            [new Star(new()), new FullyConnected(new()), new Bipartite(new()), new Hypercube(new()),
                new StaticExponential(new()), new OnePeerExponential(new())];
        foreach (var topology in formulas)
        {
            topology.Draw(1_000_000, new Seeds(1), 0); // outside of what is measured: the types are loaded
            var before = GC.GetAllocatedBytesForCurrentThread();
            var graph = topology.Draw(1_000_000, new Seeds(1), 0);
            Assert.Contains(0, graph.Receivers(graph.Neighbours(0).First()));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }
}
