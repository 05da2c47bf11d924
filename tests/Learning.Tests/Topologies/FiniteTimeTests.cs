using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Changing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Schedules after which all nodes hold the mean: the product of one period is J/n.</summary>
public class FiniteTimeTests
{
    public static TheoryData<string, int> Schedules
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var name in new[] { "simple-base-graph", "base-graph", "hyper-hypercube" })
                for (var k = 1; k <= 4; k++) data.Add(name, k);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void One_period_gives_the_mean_for_2_to_64_nodes_within_degree_and_length(string name, int degree)
    {
        for (var nodes = 2; nodes <= 64; nodes++)
        {
            var topology = Create(name, degree, inner: true);
            if (topology.Refusal(nodes) is not null) continue;
            Assert.True(Matrices.FromMean(Period(topology, nodes)) < 1e-12, $"{nodes} nodes");
            Assert.All(Enumerable.Range(0, topology.Period(nodes)),
                r => Assert.True(topology.Draw(nodes, new(1), r).LargestDegree <= degree));
            // Takezawa et al. 2023, Theorem 1: at most 2·log(n)/log(k + 1) + 2 rounds.
            Assert.True(topology.Period(nodes) <= 2 * Math.Log(nodes) / Math.Log(degree + 1) + 2 + 1e-9,
                $"{nodes} nodes: {topology.Period(nodes)}");
        }
    }

    [Fact]
    public void Without_inner_edges_it_is_exact_too()
    {
        for (var nodes = 2; nodes <= 64; nodes++)
            for (var degree = 1; degree <= 4; degree++)
                Assert.True(Matrices.FromMean(Period(Create("base-graph", degree, inner: false), nodes)) < 1e-12,
                    $"{nodes} nodes, {degree}");
    }

    [Fact]
    public void A_base_graph_is_never_longer_than_the_simple_one_and_often_shorter()
    {
        var periods = Enumerable.Range(2, 63).Select(n => (Base: Create("base-graph", 1, true).Period(n),
            Simple: Create("simple-base-graph", 1, true).Period(n))).ToList();

        Assert.All(periods, p => Assert.True(p.Base <= p.Simple));
        Assert.Contains(periods, p => p.Base < p.Simple);
    }

    // 6 = 2·3 nodes at degree 1: base-graph runs 3 = 2 + 1 nodes twice, beside each other, then joins the two groups.
    // 3 = 2 + 1: nodes 0, 1 average (1 round), node 2 takes 2/3 from node 0 (1 round), nodes 0 and 1 average (1 round),
    // and the join is the fourth.
    [Fact]
    public void Six_nodes_of_degree_one_take_four_rounds() => Assert.Equal(4, Create("base-graph", 1, true).Period(6));

    [Fact]
    public void One_peer_exponential_is_exact_exactly_for_powers_of_two()
    {
        for (var nodes = 2; nodes <= 64; nodes++)
        {
            var left = Matrices.FromMean(Period(new OnePeerExponential(new()), nodes));
            Assert.Equal(int.IsPow2(nodes), left < 1e-12);
        }
    }

    // The weight of the node at distance d is the share of the sums of powers of two, 0 to 2^rounds - 1, that are d
    // modulo n. For 5: 8 sums, two for d = 0, 1, 2 and one for 3 and 4: 1/5 - 1/8. For 9: 16 sums, one each for 7 and
    // 8: 1/9 - 1/16. For 17: 1/17 - 1/32.
    [Theory]
    [InlineData(5, 3, 1.0 / 5 - 1.0 / 8)]
    [InlineData(9, 4, 1.0 / 9 - 1.0 / 16)]
    [InlineData(17, 5, 1.0 / 17 - 1.0 / 32)]
    public void One_peer_exponential_leaves_this_for_other_numbers(int nodes, int rounds, double left)
    {
        var topology = new OnePeerExponential(new());

        Assert.Equal(rounds, topology.Period(nodes));
        Assert.Equal(left, Matrices.FromMean(Period(topology, nodes)), 12);
    }

    [Theory]
    [InlineData(25, 2, "prime factor 5", "maxDegree 4")]
    [InlineData(14, 1, "prime factor 7", "maxDegree 6")]
    public void A_hyper_hypercube_refuses_large_prime_factors_and_names_the_degree(
        int nodes, int degree, params string[] says)
    {
        var refusal = Create("hyper-hypercube", degree, true).Refusal(nodes);

        Assert.All(says, s => Assert.Contains(s, refusal));
        Assert.Contains("base-graph", refusal);
    }

    // 243 = 3 to the 5: a logarithm in floating point gives 4.999….
    [Fact]
    public void Logarithms_are_exact()
    {
        Assert.Equal(5, Create("simple-base-graph", 2, true).Period(243));
        Assert.Equal([3, 3, 3, 3, 3], HyperHypercubeRounds.Factors(243, 2)!);
        Assert.Equal([2, 3, 4], HyperHypercubeRounds.Factors(24, 3)!);
        Assert.Null(HyperHypercubeRounds.Factors(10, 3));
    }

    private static Schedule Create(string name, int degree, bool inner) => name switch
    {
        "base-graph" => new BaseGraph(new() { MaxDegree = degree, InnerEdges = inner }),
        "simple-base-graph" => new SimpleBaseGraph(new() { MaxDegree = degree, InnerEdges = inner }),
        _ => new HyperHypercube(new() { MaxDegree = degree }),
    };

    private static double[][] Period(Topology topology, int nodes)
    {
        var product = Matrices.Identity(nodes);
        for (var round = 0; round < topology.Period(nodes); round++)
        {
            var matrix = Matrices.Of(topology.Mix(topology.Draw(nodes, new(1), round), new(1), round));
            Assert.All(matrix, r => Assert.Equal(1, r.Sum(), 12));
            Assert.All(Matrices.Columns(matrix), c => Assert.Equal(1, c, 12));
            product = Matrices.Times(matrix, product);
        }
        return product;
    }
}
