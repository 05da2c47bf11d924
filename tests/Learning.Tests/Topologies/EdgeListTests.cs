using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Topologies.Given;
using Xunit;

namespace Orleans.FL.Learning.Tests.Topologies;

/// <summary>Graphs that people bring: in the experiment, as lines, as GraphML.</summary>
public sealed class EdgeListTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-fl-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Edges_in_the_experiment_make_the_graph()
    {
        var graph = Draw("{\"name\":\"edge-list\",\"connected\":false,\"edges\":[[0,1],[3,2],[2,1],[2,2]]}", 5);

        Assert.Equal([1, 3], graph.Neighbours(2));
        Assert.Empty(graph.Neighbours(4));
        Assert.Equal(3, graph.Edges);
    }

    [Fact]
    public void Weights_of_edges_are_the_own_weights()
    {
        var matrix = Matrices.Mixing(
            "{\"name\":\"edge-list\",\"mixing\":\"own\",\"directed\":true,\"edges\":[[0,1,0.75],[1,2,0.5],[2,0,1]]}",
            3);

        Assert.Equal([0, 0, 1], matrix[0]);
        Assert.Equal([0.75, 0.25, 0], matrix[1]);
        Assert.Equal([0, 0.5, 0.5], matrix[2]);
    }

    // 1 has 0.2 and 0.3 of others, so 0.5 of its own; without "mixing" weights that are given count.
    [Fact]
    public void Weights_count_without_being_asked_for()
    {
        var matrix = Matrices.Mixing("{\"name\":\"edge-list\",\"edges\":[[0,1,0.2],[1,2,0.3]]}", 3);

        Assert.Equal([0.8, 0.2, 0], matrix[0]);
        Assert.Equal([0.2, 0.5, 0.3], matrix[1].Select(x => Math.Round(x, 12)));
        Assert.Equal([0, 0.3, 0.7], matrix[2]);
    }

    // Path 0-1-2 without weights: Metropolis–Hastings, 1/3 an edge. Weights that no mixture has may then be there.
    [Theory]
    [InlineData("\"edges\":[[0,1],[1,2]]")]
    [InlineData("\"mixing\":\"metropolis-hastings\",\"edges\":[[0,1,0.2],[1,2,0.3]]")]
    [InlineData("\"mixing\":\"metropolis-hastings\",\"edges\":[[0,1,17],[1,2,2.5]]")]
    public void Weights_that_are_not_there_or_not_wanted_are_made_by_the_degrees(string options)
    {
        var matrix = Matrices.Mixing($"{{\"name\":\"edge-list\",{options}}}", 3);

        Assert.Equal([2.0 / 3, 1.0 / 3, 0], matrix[0].Select(x => Math.Round(x, 12)), Near);
        Assert.Equal([1.0 / 3, 1.0 / 3, 1.0 / 3], matrix[1].Select(x => Math.Round(x, 12)), Near);
    }

    [Fact]
    public void Weights_of_a_file_of_lines_are_used()
    {
        Write("weighted.txt", "0 1 0.125\n2;1;0.5\n");
        Write("experiment.json", ExperimentWriter.Canonical(Orleans.FL.Testing.Toy.Experiment("nodes=3")));

        var topology = ExperimentReader.ReadFile(Path.Combine(_folder, "experiment.json"),
            ["topology={\"name\":\"edge-list\",\"file\":\"weighted.txt\"}"]).Topology.Create();

        Assert.Equal([0.125, 0.375, 0.5], Matrices.Of(topology.Mix(topology.Draw(3, new(1), 0), new(1), 0))[1]);
    }

    // What networkx.write_graphml writes of a graph of which one edge has a weight, and the key a default.
    [Fact]
    public void GraphML_of_networkx_keeps_weights_and_their_default()
    {
        Write("nx.graphml", """
            <?xml version='1.0' encoding='utf-8'?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns"
                xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
              <key id="d1" for="node" attr.name="weight" attr.type="double"><default>9</default></key>
              <key id="d0" for="edge" attr.name="weight" attr.type="double"><default>0.25</default></key>
              <graph edgedefault="undirected">
                <node id="a"><data key="d1">3</data></node>
                <node id="b" />
                <node id="c" />
                <edge source="a" target="b"><data key="d0">0.5</data></edge>
                <edge source="b" target="c" />
              </graph>
            </graphml>
            """);

        Assert.Equal([[0, 1, 0.5], [1, 2, 0.25]], Read("nx.graphml").Edges.Select(e => e.ToArray()));
    }

    [Theory]
    [InlineData(6, "[[0,1],[1,2],[2,4],[4,5]]", "Node 3 has no edge")]
    [InlineData(7, "[[0,1],[1,2],[2,0],[5,5]]", "Nodes 3, 4, 5 and 6 have no edge")]
    [InlineData(4, "[[0,1],[3,2]]", "What node 2 sends never comes to node 0")]
    [InlineData(3, "[[1,2],[2,3],[3,1]]", "count from 1: subtract 1")]
    [InlineData(4, "[[1,2],[2,3],[3,1]]", "Node 0 has no edge: nodes count from 0")]
    [InlineData(3, "[[0,1],[2,3]]", "correct it, or set nodes")]
    public void Graphs_in_parts_are_refused_with_what_is_left_out(int nodes, string edges, string says) =>
        Assert.Contains(Matrices.ValidationError($"{{\"name\":\"edge-list\",\"edges\":{edges}}}", nodes),
            f => f.Contains(says));

    // 0 → 1 → 2: nothing comes back to 0.
    [Fact]
    public void A_directed_graph_without_a_way_back_is_refused_unless_it_is_meant()
    {
        const string Chain = "\"directed\":true,\"edges\":[[0,1],[1,2]]";

        Assert.Contains(Matrices.ValidationError($"{{\"name\":\"edge-list\",{Chain}}}", 3),
            f => f.Contains("What node 1 sends never comes to node 0"));
        Assert.Equal([1, 0, 0], Matrices.Mixing($"{{\"name\":\"edge-list\",\"connected\":false,{Chain}}}", 3)[0]);
    }

    [Theory]
    [InlineData("[[0,6]]", "names node 6, but nodes are 0 to 5")]
    [InlineData("[[0,1.5]]", "names node 1.5")]
    [InlineData("[[0]]", "write [from, to]")]
    [InlineData("[[0,1],[1,0]]", "is there twice")]
    [InlineData("[[0,1,0.5],[1,2]]", "has no weight")]
    [InlineData("[[0,1,1.5]]", "above 0 and at most 1")]
    [InlineData("[[0,1,0.6],[1,2,0.6]]", "node 1 receives sum to 1.2")]
    [InlineData("[]", "There are no edges")]
    public void Wrong_edges_are_refused_with_their_place(string edges, string says) =>
        Assert.Contains(Matrices.ValidationError($"{{\"name\":\"edge-list\",\"edges\":{edges}}}", 6),
            f => f.Contains(says));

    [Fact]
    public void A_file_of_lines_becomes_part_of_the_experiment()
    {
        Write("ring.txt", "# a ring of three\n0 1\n1,2 % the second\n\n2\t0\n");

        var options = Read("ring.txt");

        Assert.Equal("", options.File);
        Assert.Equal([[0, 1], [1, 2], [2, 0]], options.Edges.Select(e => e.ToArray()));
    }

    [Fact]
    public void GraphML_becomes_part_of_the_experiment()
    {
        Write("g.graphml", """
            <?xml version="1.0" encoding="UTF-8"?>
            <graphml xmlns="http://graphml.graphdrawing.org/xmlns">
              <key id="w" for="edge" attr.name="weight" attr.type="double"/>
              <graph edgedefault="directed">
                <node id="a"/><node id="b"/><node id="c"><data key="x">7</data></node>
                <edge source="a" target="c"><data key="w">0.25</data></edge>
                <edge source="b" target="a"><data key="w">0.5</data></edge>
                <edge source="c" target="b"><data key="w">1</data></edge>
              </graph>
            </graphml>
            """);

        var options = Read("g.graphml");

        Assert.True(options.Directed);
        Assert.Equal([[0, 2, 0.25], [1, 0, 0.5], [2, 1, 1]], options.Edges.Select(e => e.ToArray()));
    }

    [Theory]
    [InlineData("x.txt", "0 1\n0 one\n", "Line 2")]
    [InlineData("x.txt", "0 1 2 3\n", "Line 1")]
    [InlineData("x.txt", "-1 2\n", "Line 1")]
    [InlineData("x.txt", "0 1 NaN\n", "Line 1")]
    [InlineData("x.graphml", "<graphml><graph><node id='a'/><edge source='a' target='b'/></graph></graphml>",
        "which is no node")]
    [InlineData("x.graphml", "<graphml><graph><node id='a'/><node id='a'/></graph></graphml>", "two nodes 'a'")]
    [InlineData("x.graphml", "<graphml><graph><node/></graph></graphml>", "without id")]
    [InlineData("x.graphml", "<graphml><graph/><graph/></graphml>", "more than one <graph>")]
    [InlineData("x.graphml", "<graphml><graph><hyperedge/></graph></graphml>", "<hyperedge>")]
    [InlineData("x.graphml", "<graphml></graphml>", "no <graph>")]
    [InlineData("x.graphml", "<svg/>", "begins with <svg>")]
    [InlineData("x.graphml", "<graphml><graph>", "no GraphML")]
    [InlineData("x.graphml", "not xml", "no GraphML")]
    [InlineData("x.graphml",
        "<!DOCTYPE g [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><graphml><graph><node id='&b;'/></graph></graphml>",
        "document type")]
    [InlineData("x.graphml", "<!DOCTYPE g [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><graphml><graph><node "
        + "id='a'>&f;</node></graph></graphml>", "document type")]
    public void Hostile_and_broken_files_are_refused(string name, string content, string says)
    {
        Write(name, content);

        var error = Assert.Throws<ExperimentException>(() => Read(name));

        Assert.Contains(says, error.Message);
        Assert.Equal("$.topology.file", Assert.Single(error.Errors).Path);
    }

    [Fact]
    public void Files_that_are_too_large_are_refused_before_they_are_read()
    {
        using (var file = File.Create(Path.Combine(_folder, "large.txt"))) file.SetLength(EdgeFile.LargestFile + 1L);
        Write("many.txt", string.Concat(Enumerable.Range(0, EdgeFile.MostEdges + 1).Select(i => $"{i} {i + 1}\n")));
        Write("many.graphml", "<graphml><graph><node id='a'/><node id='b'/>"
            + string.Concat(Enumerable.Repeat("<edge source='a' target='b'/>", EdgeFile.MostEdges + 1))
            + "</graph></graphml>");

        Assert.Contains("at most 16777216", Assert.Throws<ExperimentException>(() => Read("large.txt")).Message);
        Assert.Contains("more than 100000 edges", Assert.Throws<ExperimentException>(() => Read("many.txt")).Message);
        Assert.Contains("more than 100000 edges",
            Assert.Throws<ExperimentException>(() => Read("many.graphml")).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.Contains("There is no file", Assert.Throws<ExperimentException>(() => Read("none.txt")).Message);
    }

    // A silo reads experiments that came over the wire: it must not open what they name.
    [Fact]
    public void An_experiment_from_elsewhere_opens_no_file()
    {
        Write("ring.txt", "0 1\n");

        Assert.Contains(
            Matrices.ValidationError($"{{\"name\":\"edge-list\",\"file\":\"{Path.Combine(_folder, "ring.txt")}\"}}", 6),
            f => f.Contains("was not read"));
    }

    [Fact]
    public void Experiment_files_read_graphs_beside_them()
    {
        Write("pair.txt", "0 1\n");
        var canonical = ExperimentWriter.Canonical(Orleans.FL.Testing.Toy.Experiment("nodes=2"));
        Write("experiment.json", canonical);

        var experiment = ExperimentReader.ReadFile(Path.Combine(_folder, "experiment.json"),
            ["topology={\"name\":\"edge-list\",\"file\":\"pair.txt\"}"]);

        Assert.Contains("[[0, 1]]", ExperimentWriter.Canonical(experiment));
        Assert.Equal(experiment, ExperimentReader.Read(ExperimentWriter.Canonical(experiment)));
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;

    private static Graph Draw(string json, int nodes) => Matrices.Topology(json, nodes).Draw(nodes, new Seeds(1), 0);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);

    private EdgeList.Options Read(string name) => (EdgeList.Options)new EdgeList.Options { File = name }.Read(_folder);
}
