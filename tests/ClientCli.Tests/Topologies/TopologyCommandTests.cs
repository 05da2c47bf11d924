using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Topologies;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Topologies;

/// <summary><c>flctl topology show</c> and <c>list</c>.</summary>
public sealed class TopologyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>All that can be drawn without options and without data.</summary>
    public static TheoryData<string> Names => [.. Catalog<Topology>.All.Select(c => c.Name)
        .Where(n => n != "edge-list" && Catalog<Topology>.Create(n, null) is not IFollowLabels)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_topology_is_shown_with_all_figures(string name)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("topology", "show", name, "--nodes", "8"));
        foreach (var label in new[] { "degree", "edges", "connected", "diameter", "spectral gap", "consensus" })
            Assert.Contains(label, shell.Output);
    }

    // The largest but one eigenvalue of a ring with 1/3 each is 1/3 + 2/3·cos(2π/n): for 8 it is 0.8047, the gap
    // 0.1953. Diameter 4.
    [Fact]
    public async Task The_figures_of_a_ring_are_those_of_the_books()
    {
        var ring = await Json("ring", "--nodes", "8");

        Assert.Equal(8, ring.GetProperty("nodes").GetInt32());
        Assert.Equal(1, ring.GetProperty("period").GetInt32());
        Assert.Equal(4, ring.GetProperty("diameter").GetInt32());
        Assert.Equal(8, ring.GetProperty("edgeCount").GetDouble());
        Assert.True(ring.GetProperty("connected").GetBoolean());
        Assert.Equal(2.0 / 3 - 2.0 / 3 * Math.Cos(Math.PI / 4), ring.GetProperty("spectralGap").GetDouble(), 9);
        Assert.Equal((2, 2.0, 2), Degree(ring));
        // A thousandth at a rate of 0.8047 a round: ln(0.001)/ln(0.8047) = 31.8, fewer as other parts of a random
        // vector shrink faster.
        Assert.InRange(ring.GetProperty("roundsToConsensus").GetInt32(), 25, 32);
    }

    // Hypercube of 8 with 1/4 each: eigenvalues 1, 1/2, 0, -1/2. Complete graph: one round, gap 1. Star of 9: 1/9 an
    // edge, λ₂ = 8/9.
    [Theory]
    [InlineData("hypercube", 8, 0.5, 3)]
    [InlineData("fully-connected", 8, 1, 1)]
    [InlineData("star", 9, 1.0 / 9, 2)]
    [InlineData("one-peer-exponential", 8, 1, 3)] // over the period; 8 + 7 + … steps: 1 + 2 + 4 = 7 takes three
    public async Task Spectral_gaps_and_diameters_are_those_worked_out(string name, int nodes, double gap, int diameter)
    {
        var shown = await Json(name, "--nodes", $"{nodes}");

        Assert.Equal(gap, shown.GetProperty("spectralGap").GetDouble(), 9);
        Assert.Equal(diameter, shown.GetProperty("diameter").GetInt32());
    }

    // n = 5: the product over 1, 2, 4 of |cos(π·d/5)| = cos 36° · cos 72° · cos 36° = 0.2023.
    [Fact]
    public async Task The_gap_of_a_schedule_is_that_of_the_product_of_its_period()
    {
        var shown = await Json("one-peer-exponential", "--nodes", "5");

        Assert.Equal(3, shown.GetProperty("period").GetInt32());
        Assert.Equal(1 - Math.Pow(Math.Cos(Math.PI / 5), 2) * Math.Cos(2 * Math.PI / 5),
            shown.GetProperty("spectralGap").GetDouble(), 9);
        Assert.False(shown.GetProperty("exactAfterPeriod").GetBoolean());
    }

    [Theory]
    [InlineData("base-graph", 25, 2)]
    [InlineData("simple-base-graph", 7, 1)]
    [InlineData("one-peer-exponential", 16, 1)]
    public async Task The_edges_of_a_period_multiply_to_the_mean(string name, int nodes, int degree)
    {
        string[] options = name == "one-peer-exponential" ? [] : ["--set", $"maxDegree={degree}"];
        var shown = await Json([name, "--nodes", $"{nodes}", .. options]);

        var exchanges = shown.GetProperty("exchanges");
        Assert.Equal(shown.GetProperty("period").GetInt32(), exchanges.GetArrayLength());
        Assert.True(shown.GetProperty("exactAfterPeriod").GetBoolean());
        double[] values = [.. Enumerable.Range(0, nodes).Select(i => i == 0 ? 1.0 : 0)];
        foreach (var exchange in exchanges.EnumerateArray()) values = Mixed(exchange, values);
        Assert.All(values, v => Assert.Equal(1.0 / nodes, v, 12));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Weights_to_each_node_sum_to_one_its_own_among_them(string name)
    {
        var shown = await Json(name, "--nodes", "8", "--round", "3");

        foreach (var exchange in shown.GetProperty("exchanges").EnumerateArray())
        {
            var sums = new double[8];
            foreach (var edge in exchange.GetProperty("edges").EnumerateArray())
            {
                Assert.Equal(3, edge.GetArrayLength());
                Assert.InRange(edge[0].GetInt32(), 0, 7);
                sums[edge[1].GetInt32()] += edge[2].GetDouble();
            }
            Assert.All(sums, s => Assert.Equal(1, s, 12));
        }
    }

    [Fact]
    public async Task Random_graphs_follow_the_seed_and_those_drawn_anew_the_round()
    {
        Assert.Equal(await Text("random-regular", "--nodes", "20", "--json"),
            await Text("random-regular", "--nodes", "20", "--json"));
        Assert.NotEqual(await Edges("random-regular", "--nodes", "20"),
            await Edges("random-regular", "--nodes", "20", "--seed", "2"));
        Assert.NotEqual(await Edges("random-matching", "--nodes", "20"),
            await Edges("random-matching", "--nodes", "20", "--round", "2"));
        Assert.Equal(0, (await Json("random-matching", "--nodes", "20")).GetProperty("period").GetInt32());
    }

    [Theory]
    [InlineData("static-exponential")]
    [InlineData("barbell")]
    public async Task Written_GraphML_is_read_back_to_the_same_weights(string name)
    {
        var file = Path.Combine(_folder.Path, "graph.graphml");
        Assert.Contains("Written", await Text(name, "--nodes", "7", "--graphml", file));

        var back = await Edges("edge-list", "--nodes", "7", "--set", $"file={file}", "--set", "mixing=own");

        Assert.Equal(Rounded(await Edges(name, "--nodes", "7")), Rounded(back));
    }

    [Theory]
    [InlineData("ring", 12, 12, 12)]
    [InlineData("star", 9, 8, 9)]
    [InlineData("grid", 7, 8, 7)]
    [InlineData("tree", 7, 6, 7)]
    [InlineData("bipartite", 5, 6, 5)]
    [InlineData("one-peer-exponential", 8, 20, 24)] // three panels: 8, 8, and 4 pairs that receive from each other
    [InlineData("ring", 60, 60, 60)]
    public async Task A_picture_has_a_line_an_edge_and_a_circle_a_node_and_loads_nothing(
        string name, int nodes, int lines, int circles)
    {
        var svg = XDocument.Parse(await Text(name, "--nodes", $"{nodes}", "--svg"));

        Assert.Equal(lines, svg.Descendants().Count(e => e.Name.LocalName == "line"));
        Assert.Equal(circles, svg.Descendants().Count(e => e.Name.LocalName == "circle"));
        Assert.DoesNotContain(svg.Descendants().Attributes(), a => a.Name.LocalName is "href" or "src" or "onload");
        foreach (var circle in svg.Descendants().Where(e => e.Name.LocalName == "circle"))
            foreach (var axis in new[] { "cx", "cy" })
                Assert.InRange(double.Parse(circle.Attribute(axis)!.Value, CultureInfo.InvariantCulture), 10, 260);
    }

    [Theory]
    [InlineData("Did you mean 'ring'", "rng", "--nodes", "8")]
    [InlineData("Did you mean 'degree'", "random-regular", "--nodes", "8", "--set", "degre=3")]
    [InlineData("odd", "random-regular", "--nodes", "9", "--set", "degree=3")]
    [InlineData("Nearest that works: degree 7", "random-regular", "--nodes", "8", "--set", "degree=9")]
    [InlineData("--nodes N", "ring")]
    [InlineData("Rounds count from 1", "ring", "--nodes", "8", "--round", "0")]
    [InlineData("Choose one", "ring", "--nodes", "8", "--json", "--svg")]
    [InlineData("maxPartners", "ring", "--nodes", "8", "--set", "maxPartners=-1")]
    [InlineData("There is no file", "edge-list", "--nodes", "8", "--set", "file=none.txt")]
    [InlineData("no data here; run an experiment with it", "label-similarity", "--nodes", "8")]
    [InlineData("no data here; run an experiment with it", "label-similarity", "--nodes", "8", "--json")]
    [InlineData("would be a blot", "ring", "--nodes", "500", "--svg")]
    [InlineData("base-graph", "hyper-hypercube", "--nodes", "7")]
    public async Task Wrong_input_is_reported_with_what_would_be_valid(string says, params string[] args)
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run(["topology", "show", .. args]));
        Assert.Contains(says, shell.Error);
        Assert.Empty(shell.Output);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.YourInput, await shell.Run("topology", "show", "ring", "--nodes", "8", "--svg",
            Path.Combine(_folder.Path, "none", "x.svg")));
        Assert.Contains("cannot be written", shell.Error);
    }

    [Fact]
    public async Task The_list_names_all()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("topology", "list"));
        Assert.All(Catalog<Topology>.All, c => Assert.Contains(c.Name, shell.Output));
    }

    [Fact]
    public async Task Help_is_there()
    {
        var shell = new Shell();

        Assert.Equal(ExitCode.Done, await shell.Run("topology", "show", "--help"));
        Assert.Contains("--nodes", shell.Output);
        Assert.Contains("base-graph", shell.Output);
    }

    // Two nodes in two parts: what is not connected never agrees, and has no diameter.
    [Fact]
    public async Task A_disconnected_graph_is_reported()
    {
        var text = await Text("erdos-renyi", "--nodes", "8", "--set", "probability=0.01", "--set", "connected=false");

        Assert.Contains("never: not connected", text);
    }

    [Fact]
    public void Thousands_of_nodes_take_little_time()
    {
        var figures = TopologyFigures.Of(TopologyChoice.Of("random-regular", 3000, 1, []), 0);

        Assert.Null(figures.SpectralGap);
        Assert.InRange(figures.Diameter ?? 0, 6, 12); // log₃(3000) = 7.3
    }

    private static double[] Mixed(JsonElement exchange, double[] values)
    {
        var mixed = new double[values.Length];
        foreach (var edge in exchange.GetProperty("edges").EnumerateArray())
            mixed[edge[1].GetInt32()] += edge[2].GetDouble() * values[edge[0].GetInt32()];
        return mixed;
    }

    private static (int, double, int) Degree(JsonElement shown) => shown.GetProperty("degree") is var d
        ? (d.GetProperty("min").GetInt32(), d.GetProperty("mean").GetDouble(), d.GetProperty("max").GetInt32())
        : default;

    private static async Task<double[][]> Edges(params string[] args) =>
        [.. (await Json(args)).GetProperty("exchanges")[0].GetProperty("edges")
            .EnumerateArray().Select(e => e.EnumerateArray().Select(x => x.GetDouble()).ToArray())];

    private static double[][] Rounded(double[][] edges) =>
        [.. edges.Select(e => e.Select(x => Math.Round(x, 12)).ToArray())];

    private static async Task<JsonElement> Json(params string[] args) =>
        JsonDocument.Parse(await Text([.. args, "--json"])).RootElement;

    private static async Task<string> Text(params string[] args)
    {
        var shell = new Shell();
        Assert.True(await shell.Run(["topology", "show", .. args]) == ExitCode.Done, shell.Error);
        return shell.Output;
    }
}
