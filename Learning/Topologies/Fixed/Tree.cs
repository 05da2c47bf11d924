using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Node 0 is the root; each node has so many children, filled level by level.</summary>
/// <param name="options">Arity, mixing weights.</param>
[Component("tree", Summary = "Node 0 is the root; each node has so many children, filled level by level.")]
public sealed class Tree(Tree.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Tree"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Children of a node.</summary>
        [Option("Children of a node; 1 makes a path.", Min = 1, Max = 1_000_000)]
        public int Arity { get; init; } = 2;
    }

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) =>
        SparseGraph.Of(nodes, Enumerable.Range(1, nodes - 1).Select(i => ((i - 1) / options.Arity, i)));
}
