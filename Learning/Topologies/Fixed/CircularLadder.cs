using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Two rings of half the nodes each, joined by rungs: a prism.</summary>
/// <param name="options">Mixing weights.</param>
[Component("circular-ladder", Summary = "Two rings of half the nodes each, joined by rungs.",
    Aliases = ["circle_ladder", "circle-ladder", "circular_ladder", "prism"])]
public sealed class CircularLadder(CircularLadder.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="CircularLadder"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => Ladder.Odd("circular ladder", nodes);

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var half = nodes / 2;
        return SparseGraph.Of(nodes, Enumerable.Range(0, half).SelectMany(i => new[]
        {
            (i, (i + 1) % half), (half + i, half + (i + 1) % half), (i, half + i),
        }));
    }
}
