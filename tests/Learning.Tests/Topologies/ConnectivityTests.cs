using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Graphs on which nodes cannot come to one model are refused where an algorithm is for that.</summary>
public sealed class ConnectivityTests
{
    private const string Chain = "\"directed\":true,\"connected\":false,\"edges\":[[0,1],[1,2],[2,3],[1,0],[3,2]]";

    [Theory]
    [InlineData("What node 2 sends never comes to node 0", $"topology={{\"name\":\"edge-list\",{Chain}}}")]
    // each pair by itself, in whatever round
    [InlineData("never comes to node 0", "topology={\"name\":\"stochastic-block\",\"blocks\":2,\"inside\":1,"
        + "\"across\":0,\"connected\":false,\"redrawEvery\":1}")]
    // drawn anew after the run, so that its rounds have one graph
    [InlineData("never comes to node 0", "topology={\"name\":\"erdos-renyi\",\"probability\":0.01,"
        + "\"connected\":false,\"redrawEvery\":5000}")]
    // 0 gives 0.7 and 0.6 away
    [InlineData("Node 0 sends shares that sum to 1.3", "topology={\"name\":\"edge-list\",\"directed\":true,"
        + "\"edges\":[[0,1,0.7],[0,2,0.6],[1,3,0.5],[2,3,0.5],[3,0,0.5]]}")]
    // all four swap with the same two for ever
    [InlineData("only change places", "topology={\"name\":\"edge-list\","
        + "\"edges\":[[0,1,0.5],[1,2,0.5],[2,3,0.5],[3,0,0.5]]}")]
    [InlineData("only change places", "topology={\"name\":\"edge-list\",\"directed\":true,"
        + "\"edges\":[[0,1,1],[1,2,1],[2,3,1],[3,0,1]]}")]
    public void Push_sum_is_refused_where_shares_do_not_mix(string says, string topology)
    {
        var error = Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=push-sum", "nodes=4", topology));

        Assert.Contains(error.Errors, e => e.Path == "$.topology" && e.Message.Contains(says));
    }

    [Theory]
    [InlineData("topology=random-matching", "rounds=1")] // in time all meet, whatever the run sees of it
    [InlineData("topology=one-peer-exponential", "rounds=1")]
    [InlineData("topology={\"name\":\"erdos-renyi\",\"probability\":0.3,\"connected\":false,\"redrawEvery\":1}",
        "rounds=30")]
    [InlineData("topology={\"name\":\"edge-list\",\"directed\":true,\"mixing\":\"lazy\","
        + "\"edges\":[[0,1,1],[1,2,1],[2,3,1],[3,0,1]]}", "rounds=1")]
    [InlineData("topology={\"name\":\"edge-list\",\"directed\":true,"
        + "\"edges\":[[0,1,1],[1,2,1],[2,3,1],[3,0,1],[3,1]]}", "topology.mixing=uniform")]
    public void Push_sum_is_not_refused_where_all_are_reached_in_time(params string[] experiment) =>
        Assert.NotNull(Toy.Experiment(["algorithm=push-sum", "nodes=4", .. experiment]));

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Graphs_that_are_drawn_anew_later_change_too(int rounds)
    {
        var topology = $"topology={{\"name\":\"random-regular\",\"degree\":2,\"redrawEvery\":{rounds}}}";

        Assert.True(Toy.Experiment("algorithm=gossip", topology).Topology.Create().Changes(6));
        var error = Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=choco-sgd", topology));
        Assert.Contains("leave maxPartners and redrawEvery out", error.Message);
    }

    // A million nodes: graphs that are connected as they are made need not be drawn to know it.
    [Fact(Timeout = 10_000)]
    public async Task Graphs_that_are_connected_anyhow_are_not_drawn_for_it()
    {
        await Task.Yield();
        var topology = new Undrawn();

        Assert.Null(MixingChecks.Refusal(topology, 1_000_000, new Seeds(1), 5, columns: false));
    }

    // Of two members the one-peer graph is always the same; of four it has two rounds.
    [Fact]
    public void It_is_the_graph_of_the_members_that_changes_or_not()
    {
        string[] experiment = ["algorithm=choco-sgd", "nodes=4", "topology=one-peer-exponential"];

        Assert.NotNull(Toy.Experiment([.. experiment, "seating.members=2"]));
        Assert.Throws<ExperimentException>(() => Toy.Experiment(experiment));
    }

    // 3 × 3 members on a torus; a tenth node waits with its share.
    [Fact]
    public void A_topology_need_not_fit_nodes_that_are_no_members()
    {
        Assert.NotNull(Toy.Experiment("algorithm=gossip", "nodes=10", "topology=torus", "seating.members=9"));
        Assert.Contains("torus", Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm=gossip", "nodes=13", "topology=torus")).Message);
    }

    // Labels 0 and 1 in two nodes each, who choose each other: two pairs, which only the data show.
    [Fact]
    public void A_graph_of_labels_in_parts_is_refused_when_the_labels_are_known()
    {
        var experiment = Toy.Experiment("algorithm=push-sum", "nodes=4",
            "topology={\"name\":\"label-similarity\",\"degree\":1,\"connected\":false}",
            "partitioner={\"name\":\"label-sets\",\"labels\":[[0],[0],[1],[1]],\"samplesPerNode\":10}");

        var error = Assert.Throws<ExperimentException>(() => Plan.Of(experiment, Toy.Data().Get(experiment.Dataset)));

        Assert.Contains("What node 2 sends never comes to node 0", error.Message);
    }

    // Two triangles that share a node have ways back of three alone; with a pair more, of two and three.
    [Fact]
    public void Ways_back_of_one_length_only_are_told_from_others()
    {
        Assert.True(Connectivity.IsPeriodic(Arcs(5, (0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2))));
        Assert.False(Connectivity.IsPeriodic(Arcs(5, (0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2), (1, 0))));
    }

    private sealed class Undrawn() : Topology(new TopologyOptions())
    {
        public override bool IsConnectedAnyhow => true;

        public override Graph Draw(int nodes, Seeds seeds, int round) => throw new InvalidOperationException("Drawn.");
    }

    private static ArcGraph Arcs(int nodes, params (int, int)[] arcs) =>
        ArcGraph.Of(nodes, arcs.Select(a => (a.Item1, a.Item2, 0.1)), true);
}
