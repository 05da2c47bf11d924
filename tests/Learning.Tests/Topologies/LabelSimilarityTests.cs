using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Given;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Graphs that follow from the labels of the nodes' samples.</summary>
public class LabelSimilarityTests
{
    // p = (½, ½), q = (1, 0): ‖p − q‖ = √½; cos = ½/√½ = √½; m = (¾, ¼): ½·(½·ln ⅔ + ½·ln 2) + ½·ln(4/3) = 0.215762.
    [Theory]
    [InlineData("l2", 0.707107)]
    [InlineData("cosine", 0.292893)]
    [InlineData("jensen-shannon", 0.215762)]
    public void Distances_by_hand(string measure, double expected)
    {
        var topology = new LabelSimilarity(new() { Measure = measure });

        Assert.Equal(expected, topology.Distance([0.5, 0.5], [1, 0]), 6);
        Assert.Equal(expected, topology.Distance([1, 0], [0.5, 0.5]), 6);
        Assert.Equal(0, topology.Distance([0.25, 0.75], [0.25, 0.75]));
    }

    // First shares 1, 0.9, 0.6, 0.2, 0: one choice each makes 0 – 1, 2 – 1 (0.3 < 0.4), 3 – 4. The parts {0, 1, 2} and
    // {3, 4} are joined by 2 – 3, the nearest across (0.4).
    [Theory]
    [InlineData(false, "0-1 1-2 3-4")]
    [InlineData(true, "0-1 1-2 2-3 3-4")]
    public void Graphs_by_hand(bool connected, string edges)
    {
        var topology = new LabelSimilarity(new() { Degree = 1, Connected = connected });

        Assert.Equal(edges, Edges(topology.Draw([[10, 0], [90, 10], [6, 4], [1, 4], [0, 7]], new Seeds(1))));
    }

    // Four nodes have nothing but class 0, four nothing but class 1: the seed decides among equals, and no node is
    // chosen by all.
    [Fact]
    public void Among_equals_the_seed_decides()
    {
        var topology = new LabelSimilarity(new() { Degree = 1, Connected = false });
        int[][] labels = [.. Enumerable.Range(0, 8).Select(i => i < 4 ? new[] { 5, 0 } : [0, 5])];
        string Draw(long seed) => Edges(topology.Draw(labels, new Seeds(seed)));

        Assert.Equal(Draw(1), Draw(1));
        Assert.True(Enumerable.Range(1, 20).Select(s => Draw(s)).Distinct().Count() > 5);
        Assert.All(Enumerable.Range(1, 20),
            s => Assert.DoesNotContain(Draw(s).Split(' '), e => e[0] < '4' && e[2] >= '4'));
        Assert.All(Enumerable.Range(1, 20), s => Assert.Equal(2, topology.Draw(labels, new Seeds(s)).LargestDegree));
    }

    [Theory]
    [InlineData("l2")]
    [InlineData("cosine")]
    [InlineData("jensen-shannon")]
    public void Graphs_are_connected_and_have_the_degree_at_least(string measure)
    {
        var stream = new Seeds(3).Stream("test");
        int[][] labels = [.. Enumerable.Range(0, 60)
            .Select(_ => Enumerable.Range(0, 10).Select(_ => stream.NextInt(2) * stream.NextInt(9)).ToArray())];

        var graph = new LabelSimilarity(new() { Degree = 3, Measure = measure }).Draw(labels, new Seeds(5));

        Assert.True(graph.Connected);
        Assert.All(Enumerable.Range(0, 60), i => Assert.True(graph.Degree(i) >= 3));
    }

    // A node without samples counts as one with both classes alike, and so is nearest to node 1.
    [Fact]
    public void A_node_without_samples_has_all_classes_alike() =>
        Assert.Equal("0-1 1-2",
            Edges(new LabelSimilarity(new() { Degree = 1 }).Draw([[9, 1], [6, 4], [0, 0]], new Seeds(1))));

    // Nodes hold two of three classes, a window that slides: nodes that hold the same two are alike.
    [Fact]
    public void A_plan_draws_it_of_its_own_split_and_anew_for_other_members()
    {
        string[] setting = ["partitioner={\"name\":\"label-sets\",\"labelsPerNode\":2,\"samplesPerNode\":12}",
            "algorithm=gossip", "topology={\"name\":\"similarity-driven\",\"degree\":1,\"connected\":false}"];
        var data = Toy.Data();
        var plan = Plan.Of(Toy.Experiment(setting), data);
        var change = new MembershipChange { Round = 3, Remove = [1] };
        var after = plan.With([change]);

        Assert.Equal("0-1 2-3 4-5", Edges(plan.Members(0).Graph));
        Assert.Equal([0, 1], plan.Row(0, 0, 0).Select(r => r.Node));
        Assert.Equal("0-1 2-3 4-5", Edges(after.Members(1).Graph));
        Assert.Contains(after.Row(0, 2, 0), r => r.Node > 1); // its like has left
        Assert.Equal(Edges(after.Members(2).Graph), Edges(
            Plan.Of(Toy.Experiment([.. setting, "membership=[{\"round\":3,\"remove\":[1]}]"]), data).Members(2).Graph));
    }

    [Fact]
    public void Without_data_there_is_no_graph() => Assert.Contains("there are no data here; run an experiment with it",
        Assert.Throws<ExperimentException>(() => Catalog<Topology>.Create("label-similarity", null)
            .Draw(6, new Seeds(1), 0)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(5, 5, "Degree 5 needs at least 6 nodes; there are 5. Nearest that works: degree 4.")]
    [InlineData(2, 5000, "there can be 4000 nodes; there are 5000")]
    public void Numbers_that_do_not_work_are_refused(int degree, int nodes, string refusal) =>
        Assert.Contains(refusal, new LabelSimilarity(new() { Degree = degree }).Refusal(nodes),
            StringComparison.Ordinal);

    private static string Edges(Graph graph) => string.Join(' ', Enumerable.Range(0, graph.Nodes)
        .SelectMany(i => graph.Neighbours(i).Where(j => j > i).Select(j => $"{i}-{j}")));
}
