using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Two halves; each node is connected to all of the other half.</summary>
/// <param name="options">Mixing weights.</param>
[Component("bipartite", Summary = "Two halves; each node is connected to all of the other half.", Aliases = ["turan"],
    Source = "Turán, On an extremal problem in graph theory (in Hungarian), Mat. Fiz. Lapok 1941: the graph T(n, 2)")]
public sealed class Bipartite(Bipartite.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Bipartite"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => new TwoHalves(nodes);

    /// <summary>The first half is the larger one if they differ.</summary>
    private sealed class TwoHalves(int nodes) : Graph
    {
        private readonly int _first = (nodes + 1) / 2;

        public override int Nodes => nodes;

        public override int Degree(int node) => node < _first ? nodes - _first : _first;

        public override IEnumerable<int> Neighbours(int node) =>
            node < _first ? Enumerable.Range(_first, nodes - _first) : Enumerable.Range(0, _first);
    }
}
