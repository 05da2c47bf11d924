using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Node 0 is the server; all others are connected to it alone.</summary>
/// <param name="options">Mixing weights, for algorithms that mix along edges.</param>
[Component("star", Summary = "Node 0 is the server; all others are connected to it alone.",
    Source = "McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, "
        + "AISTATS 2017 (the server is the server)")]
public sealed class Star(Star.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Star"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override int? Server => 0;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => new StarGraph(nodes);

    private sealed class StarGraph(int nodes) : Graph
    {
        public override int Nodes => nodes;

        public override int Degree(int node) => node == 0 ? nodes - 1 : 1;

        public override IEnumerable<int> Neighbours(int node) => node == 0 ? Enumerable.Range(1, nodes - 1) : [0];
    }
}
