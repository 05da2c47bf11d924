using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Each node is connected to each other.</summary>
/// <param name="options">Mixing weights; both kinds are 1/n here.</param>
[Component("fully-connected", Summary = "Each node is connected to each other.",
    Aliases = ["fully_connected", "complete"])]
public sealed class FullyConnected(FullyConnected.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="FullyConnected"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => new CompleteGraph(nodes);

    private sealed class CompleteGraph(int nodes) : Graph
    {
        public override int Nodes => nodes;

        public override int Degree(int node) => nodes - 1;

        public override IEnumerable<int> Neighbours(int node) => Enumerable.Range(0, nodes).Where(i => i != node);
    }
}
