using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Nodes whose numbers differ in one binary digit are connected.</summary>
/// <remarks>
/// Where the number of nodes is no power of two, the nodes that are not there are left out (Katseff's incomplete
/// hypercube, connected still).
/// </remarks>
/// <param name="options">Mixing weights.</param>
[Component("hypercube", Summary = "Nodes whose numbers differ in one binary digit are connected.",
    Source = "Katseff, Incomplete Hypercubes, IEEE Trans. "
        + "Computers 1988, for numbers of nodes that are no power of two")]
public sealed class Hypercube(Hypercube.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Hypercube"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => new Cube(nodes);

    private sealed class Cube(int nodes) : Graph
    {
        public override int Nodes => nodes;

        public override int Degree(int node) => Neighbours(node).Count();

        public override IEnumerable<int> Neighbours(int node)
        {
            // Digits that are set, the highest first, give smaller numbers in ascending order; the others larger ones.
            for (var bit = 30; bit >= 0; bit--)
                if ((node >> bit & 1) == 1) yield return node ^ 1 << bit;
            for (var bit = 0; bit < 31 && (1 << bit) < nodes; bit++)
                if ((node >> bit & 1) == 0 && (node | 1 << bit) < nodes) yield return node | 1 << bit;
        }
    }
}
