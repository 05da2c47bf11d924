using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Weights by rule, by hand.</summary>
public class MixingRuleTests
{
    // Star of 3: degrees 2, 1, 1. Metropolis–Hastings: 1/3 an edge. Max-degree: 1/(1 + 2) an edge, the same here.
    // Uniform: the server 1/3 each, a leaf 1/2. Lazy: half of Metropolis–Hastings, so 1/6 an edge, the server keeps 2/3
    // and a leaf 5/6.
    [Theory]
    [InlineData("metropolis-hastings", 1.0 / 3, 1.0 / 3, 2.0 / 3)]
    [InlineData("max-degree", 1.0 / 3, 1.0 / 3, 2.0 / 3)]
    [InlineData("uniform", 1.0 / 3, 1.0 / 2, 1.0 / 2)]
    [InlineData("lazy", 2.0 / 3, 1.0 / 6, 5.0 / 6)]
    public void A_star_of_three_is_weighed_by_rule(string rule, double server, double leafReceives, double leaf)
    {
        var matrix = Matrices.Mixing($"{{\"name\":\"star\",\"mixing\":\"{rule}\"}}", 3);

        Assert.Equal(server, matrix[0][0], 12);
        Assert.Equal(leafReceives, matrix[1][0], 12);
        Assert.Equal(leaf, matrix[1][1], 12);
        Assert.Equal(0, matrix[1][2]);
        Assert.All(matrix, r => Assert.Equal(1, r.Sum(), 12));
    }

    // Path 0-1-2-3 with a spike makes degrees differ: on a path of 4 the largest degree is 2, so max-degree gives
    // 1/3 an edge, and Metropolis–Hastings 1/3 too; on a barbell of 6 (degrees 2, 2, 3, 3, 2, 2) max-degree gives 1/4
    // everywhere, Metropolis–Hastings 1/3 between 0 and 1.
    [Fact]
    public void Max_degree_weighs_all_edges_alike()
    {
        var equal = Matrices.Mixing("{\"name\":\"barbell\",\"mixing\":\"max-degree\"}", 6);
        var metropolis = Matrices.Mixing("barbell", 6);

        Assert.Equal((0.25, 0.25), (equal[0][1], equal[2][3]));
        Assert.Equal((1.0 / 3, 0.25), (metropolis[0][1], metropolis[2][3]));
        Assert.All(Matrices.Columns(equal).Concat(Matrices.Columns(metropolis)), c => Assert.Equal(1, c, 12));
    }

    // Static exponential, n = 8: offsets 1, 2, 4; four weights of 1/4. One-peer: 1/2 and 1/2.
    [Fact]
    public void Exponential_graphs_weigh_as_the_paper_does()
    {
        var all = Matrices.Mixing("static-exponential", 8);
        var one = Matrices.Mixing("one-peer-exponential", 8, round: 4);

        Assert.Equal([0.25, 0.25, 0.25, 0, 0.25, 0, 0, 0], all[0]);
        Assert.Equal([0, 0, 0, 0.5, 0, 0.5, 0, 0], one[3]); // round 4 is the second of a period of three: offset 2
    }

    // The paper's A(u) for n = 4: 3/4 from one other, 1/4 own; undirected with one basis graph: 3/8 from each
    // side, 1/4 own.
    [Fact]
    public void Equi_static_is_the_mean_of_basis_graphs()
    {
        var directed = Matrices.Mixing("{\"name\":\"equi-static\",\"directed\":true,\"basis\":1}", 5);
        var both = Matrices.Mixing("{\"name\":\"equi-static\",\"basis\":1}", 5);

        Assert.All(directed, r => Assert.Equal([0.2, 0.8], r.Where(x => x > 0).Order().Select(x => Math.Round(x, 12))));
        Assert.All(both,
            r => Assert.Equal([0.2, 0.4, 0.4], r.Where(x => x > 0).Order().Select(x => Math.Round(x, 12))));
        Assert.All(Matrices.Columns(directed).Concat(Matrices.Columns(both)), c => Assert.Equal(1, c, 12));
    }

    // n = 5, η = 0.5: a partner has 0.5·4/5 = 0.4; the directed one alike.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Equi_dyn_mixes_with_one_peer_at_most(bool directed)
    {
        var json = $"{{\"name\":\"equi-dyn\",\"directed\":{(directed ? "true" : "false")}}}";
        for (var round = 0; round < 10; round++)
        {
            var matrix = Matrices.Mixing(json, 5, round);
            Assert.All(matrix, r => Assert.True(r.Count(x => x > 0) <= 2));
            Assert.All(matrix.SelectMany((r, i) => r.Where((x, j) => i != j && x > 0)), x => Assert.Equal(0.4, x, 12));
            Assert.All(Matrices.Columns(matrix), c => Assert.Equal(1, c, 12));
        }
    }

    [Fact]
    public void Equi_dyn_with_a_basis_uses_no_other_distances()
    {
        var topology = Matrices.Topology("{\"name\":\"equi-dyn\",\"directed\":true,\"basis\":2}", 50);

        var distances = Enumerable.Range(0, 60)
            .Select(r => topology.Draw(50, new Seeds(2), r).Neighbours(0).Single()).Distinct();

        Assert.Equal(2, distances.Count());
    }

    [Fact]
    public void Columns_sum_to_one_where_an_algorithm_asks_for_it()
    {
        foreach (var json in new[] { "peer-sampling", "static-exponential", "star",
            "{\"name\":\"star\",\"mixing\":\"uniform\"}", "{\"name\":\"star\",\"maxPartners\":2}",
            "{\"name\":\"edge-list\",\"directed\":true,\"edges\":[[0,1],[1,2],[2,3],[3,0],[0,2],[0,3]]}" })
        {
            var matrix = Matrices.Mixing(json, 4, columns: true);
            Assert.All(Matrices.Columns(matrix), c => Assert.Equal(1, c, 12));
            Assert.All(matrix.SelectMany(r => r), x => Assert.InRange(x, 0, 1));
        }
    }

    // Node 0 sends to 1, 2 and 3, so that each share is 1/4 (uniform by columns); node 1 sends to 2 alone: 1/2.
    [Fact]
    public void Uniform_shares_depend_on_the_number_of_receivers()
    {
        var matrix = Matrices.Mixing("{\"name\":\"edge-list\",\"mixing\":\"uniform\",\"directed\":true,\"edges\":[[0,"
            + "1],[0,2],[0,3],[1,2],[2,3],[3,0]]}", 4, columns: true);

        Assert.Equal([0.25, 0.25, 0.25, 0.25], matrix.Select(r => r[0]));
        Assert.Equal([0, 0.5, 0.5, 0], matrix.Select(r => r[1]));
    }

    [Fact]
    public void Chosen_partners_are_few_keep_rows_stochastic_and_the_expected_matrix()
    {
        // The server of a star of 5 receives from 2 of 4 leaves with 2·1/5 each; in the mean that is 1/5 a leaf.
        var mean = new double[5];
        const int Rounds = 2000;
        for (var round = 0; round < Rounds; round++)
        {
            var matrix = Matrices.Mixing("{\"name\":\"star\",\"maxPartners\":2}", 5, round);
            Assert.Equal(3, matrix[0].Count(x => x > 0));
            Assert.All(matrix, r => Assert.Equal(1, r.Sum(), 12));
            Assert.Equal(0.2, matrix[1][0], 12); // a leaf has one neighbour and always receives from it
            for (var i = 0; i < 5; i++) mean[i] += matrix[0][i] / Rounds;
        }
        // Standard deviation of a mean: 0.4·sqrt(1/4/2000) = 0.0045; five of them.
        Assert.All(mean, m => Assert.InRange(m, 0.2 - 0.0224, 0.2 + 0.0224));
    }

    [Fact]
    public void Uniform_mixing_of_chosen_partners_is_the_originals() // 1/(1 + k)
    {
        var matrix = Matrices.Mixing("{\"name\":\"fully-connected\",\"mixing\":\"uniform\",\"maxPartners\":3}", 9);

        Assert.All(matrix, r => Assert.Equal([0.25, 0.25, 0.25, 0.25], r.Where(x => x > 0)));
    }

    [Fact]
    public void A_node_with_no_more_neighbours_than_allowed_draws_nothing()
    {
        Assert.Equal(Matrices.Mixing("ring", 6), Matrices.Mixing("{\"name\":\"ring\",\"maxPartners\":2}", 6));
    }

    [Fact]
    public void Partners_are_chosen_anew_each_round_and_alike_by_the_same_seed()
    {
        const string Json = "{\"name\":\"fully-connected\",\"maxPartners\":2}";

        Assert.Equal(Matrices.Mixing(Json, 12, 3), Matrices.Mixing(Json, 12, 3));
        Assert.NotEqual(Matrices.Mixing(Json, 12, 3), Matrices.Mixing(Json, 12, 4));
        Assert.NotEqual(Matrices.Mixing(Json, 12, 3), Matrices.Mixing(Json, 12, 3, seed: 2));
    }

    [Fact]
    public void Random_graphs_are_drawn_anew_when_asked()
    {
        string[] random = ["random-regular", "erdos-renyi", "watts-strogatz", "barabasi-albert", "stochastic-block",
            "random-matching", "peer-sampling", "equi-static", "equi-dyn"];
        foreach (var name in random)
        {
            var json = $"{{\"name\":\"{name}\",\"redrawEvery\":3}}";
            var rounds = Enumerable.Range(0, 9).Select(r => Matrices.Mixing(json, 20, r)).ToArray();
            for (var r = 0; r < 9; r++) Assert.Equal(rounds[r / 3 * 3], rounds[r]);
            Assert.NotEqual(rounds[0], rounds[3]);
            Assert.NotEqual(rounds[3], rounds[6]);
        }
    }

    [Theory]
    [InlineData("random-matching")]
    [InlineData("equi-dyn")]
    [InlineData("peer-sampling")]
    public void Some_change_each_round_by_default(string name) =>
        Assert.NotEqual(Matrices.Mixing(name, 20, 0), Matrices.Mixing(name, 20, 1));

    [Fact]
    public void Rows_of_a_plan_follow_the_rounds()
    {
        var plan = PlanOf("topology=one-peer-exponential", "nodes=8");

        Assert.Equal([0, 1], plan.Row(0, 0, 0).Select(r => r.Node));
        Assert.Equal([0, 2], plan.Row(0, 1, 0).Select(r => r.Node));
        Assert.Equal([0, 4], plan.Row(0, 2, 0).Select(r => r.Node));
        Assert.Equal([0, 1], plan.Row(0, 3, 0).Select(r => r.Node));
        Assert.Equal([(0, 0.5)], plan.Row(0, 0, 0, new HashSet<int> { 1 }).Select(r => (r.Node, r.Weight - 0.5)));
    }

    [Fact]
    public void Members_that_leave_change_the_schedule_of_those_who_stay()
    {
        // Five members at degree 1, then four, for which two rounds are exact: pairs at distance 1, then at distance 2.
        var plan = PlanOf("topology=base-graph", "nodes=5", "rounds=8", "membership=[{\"round\":3,\"remove\":[1]}]");

        // round 2 is the first of a period of two; ranks 0, 2, 3, 4
        Assert.Equal([0, 2], plan.Row(0, 2, 0).Select(r => r.Node));
        Assert.Equal([0, 3], plan.Row(0, 3, 0).Select(r => r.Node));
        Assert.Equal(1, plan.ReceiverCount(0, 2, 0));
    }

    [Fact]
    public async Task Threads_get_the_same_rows()
    {
        var plan = PlanOf("topology={\"name\":\"random-regular\",\"redrawEvery\":1}", "nodes=30",
            "partitioner.samplesPerNode=3");
        var expected = Enumerable.Range(0, 20)
            .Select(r => PlanOf("topology={\"name\":\"random-regular\",\"redrawEvery\":1}", "nodes=30",
                "partitioner.samplesPerNode=3").Row(7, r, 0)).ToArray();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++) Assert.Equal(expected[(i * 7 + t) % 20], plan.Row(7, (i * 7 + t) % 20, 0));
        })));
    }

    // By columns nothing may be lost: what a node sends stays with it where the receiver is absent, and all of it if it
    // does not send.
    [Theory]
    [InlineData("peer-sampling")]
    [InlineData("star")]
    [InlineData("static-exponential")]
    [InlineData("{\"name\":\"fully-connected\",\"maxPartners\":2}")]
    public void Columns_of_present_nodes_sum_to_one_when_others_are_absent(string topology)
    {
        var plan = PlanOf($"topology={topology}", "nodes=7");
        HashSet<int> absent = [1, 4];
        HashSet<int> silent = [2];
        var mixing = new SampledMixings(plan.Experiment.Topology.Create(), plan.Seeds)
            .Of(plan.Members(0), 0, columns: true);
        var columns = new double[7];
        foreach (var node in Enumerable.Range(0, 7).Where(i => !absent.Contains(i)))
        {
            var row = MixingRow.Of(plan.Members(0), mixing, node,
                new(i => !absent.Contains(i), i => !absent.Contains(i) && !silent.Contains(i), _ => 1));
            Assert.DoesNotContain(row, r => r.Node != node && (absent.Contains(r.Node) || silent.Contains(r.Node)));
            foreach (var (other, weight) in row) columns[other] += weight;
        }

        Assert.All(Enumerable.Range(0, 7), i => Assert.Equal(absent.Contains(i) ? 0 : 1, columns[i], 12));
    }

    private static Plan PlanOf(params string[] overrides)
    {
        var experiment = Toy.Experiment(["algorithm=gossip", "partitioner.samplesPerNode=4",
            "partitioner.testSamplesPerNode=0", .. overrides]);
        return Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
    }
}
