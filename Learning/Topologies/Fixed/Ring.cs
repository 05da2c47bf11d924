using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Each node is connected to the one before and the one after it.</summary>
/// <param name="options">Mixing weights.</param>
[Component("ring", Summary = "Each node is connected to the one before and the one after it.")]
public sealed class Ring(Ring.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Ring"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) =>
        SparseGraph.Of(nodes, Enumerable.Range(0, nodes).Select(i => (i, (i + 1) % nodes)));
}
