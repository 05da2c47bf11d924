using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Node 0 is connected to all others, which make a ring.</summary>
/// <remarks>Its middle does not gather and spread: algorithms with a server need a star.</remarks>
/// <param name="options">Mixing weights.</param>
[Component("wheel", Summary = "Node 0 is connected to all others, which make a ring.")]
public sealed class Wheel(Wheel.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Wheel"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) =>
        SparseGraph.Of(nodes,
            Enumerable.Range(1, nodes - 1).SelectMany(i => new[] { (0, i), (i, i % (nodes - 1) + 1) }));
}
