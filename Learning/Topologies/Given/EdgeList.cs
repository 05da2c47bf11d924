using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>The edges that you name, in the experiment or in a file.</summary>
/// <remarks>
/// A file is read once, by the program that reads the experiment file; its edges become part of the experiment, so that
/// no silo needs the file.
/// </remarks>
/// <param name="options">Edges or file, direction, mixing weights.</param>
[Component("edge-list", Summary = "The edges that you name, in the experiment or in a file: an edge list or GraphML.",
    Aliases = ["edge_list", "graphml"],
    Source = "GraphML: Brandes et al., GraphML Progress Report, Graph Drawing 2001, http://graphml.graphdrawing.org")]
public sealed class EdgeList(EdgeList.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="EdgeList"/>.</summary>
    public sealed record Options : TopologyOptions, IReadFiles
    {
        /// <summary>Options with their defaults: weights that are given count.</summary>
        public Options() => Mixing = Auto;

        /// <summary>The edges.</summary>
        [Option("The edges: [from, to], or [from, to, weight] with the weight that node to gives the updates of node "
            + "from; nodes count from 0. Weights are used with mixing auto, own or lazy. "
            + "A pair of a node with itself is ignored.", Min = 0)]
        public EquatableList<EquatableList<double>> Edges { get; init; } = [];

        /// <summary>Whether edges carry updates in their direction only.</summary>
        [Option("Whether only the second node of an edge receives, from the first; "
            + "otherwise both receive from each other.")]
        public bool Directed { get; init; }

        /// <summary>Whether graphs in parts are refused.</summary>
        [Option("Whether each node must be reachable from each other; false = the graph may have parts, "
            + "and nodes without edges.")]
        public bool Connected { get; init; } = true;

        /// <summary>
        /// A file with the edges; its content takes the place of this option when the experiment is read.
        /// </summary>
        [Option("A file with the edges, from the folder of the experiment file: GraphML if it ends with .graphml or "
            + ".xml, else lines 'from to' or 'from to weight'. Its edges take the place of this option.", Max = 4096)]
        public string File { get; init; } = "";

        /// <inheritdoc/>
        public object Read(string folder)
        {
            if (File.Length == 0) return this;
            var (edges, directed) = EdgeFile.Read(Path.Combine(folder, File));
            return this with
            {
                File = "",
                Directed = Directed || directed,
                Edges = [.. Edges, .. edges.Select(e =>
                    new EquatableList<double>(e.Weight is { } w ? [e.From, e.To, w] : [e.From, e.To]))],
            };
        }
    }

    /// <inheritdoc/>
    public override bool Directed => options.Directed;

    /// <inheritdoc/>
    public override bool Weighted => options.UsesOwnWeights && options.Edges.Any(e => e.Count == 3);

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        if (options.File.Length > 0)
            return $"The file '{options.File}' was not read: "
                + "name it in an experiment file, or give its content as edges.";
        if (options.Edges.Count == 0) return "There are no edges; give edges, e.g. [[0, 1], [1, 2]], or a file.";
        return EdgeListChecks.Refusal(options.Edges, nodes, options.Directed)
            ?? (Weighted ? EdgeListChecks.RefusalOfWeights(options.Edges, options.Directed) : null)
            ?? (options.Connected ? EdgeListChecks.RefusalOfParts(GraphOf(nodes)) : null);
    }

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => GraphOf(nodes);

    private Graph GraphOf(int nodes)
    {
        var edges = options.Edges.Where(e => e[0] != e[1]);
        if (Weighted) return ArcGraph.Of(nodes, edges.Select(e => ((int)e[0], (int)e[1], e[2])), options.Directed);
        if (!options.Directed) return SparseGraph.Of(nodes, edges.Select(e => ((int)e[0], (int)e[1])));
        var received = edges.ToLookup(e => (int)e[1], e => (int)e[0]);
        return ArcGraph.Of([.. Enumerable.Range(0, nodes).Select(i => received[i].Order().ToArray())]);
    }
}
