using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Two paths of half the nodes each, joined by rungs.</summary>
/// <param name="options">Mixing weights.</param>
[Component("ladder", Summary = "Two paths of half the nodes each, joined by rungs.")]
public sealed class Ladder(Ladder.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Ladder"/>.</summary>
    public sealed record Options : TopologyOptions;

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => Odd("ladder", nodes);

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var half = nodes / 2;
        return SparseGraph.Of(nodes, Enumerable.Range(0, half).SelectMany(i => new[]
        {
            (i, Math.Min(i + 1, half - 1)), (half + i, half + Math.Min(i + 1, half - 1)), (i, half + i),
        }));
    }

    /// <summary>Why an odd number of nodes makes no ladder.</summary>
    internal static string? Odd(string what, int nodes) => nodes % 2 == 0 ? null
        : $"A {what} has two sides of the same length; {nodes} nodes do not divide so. Nearest that works: "
            + $"{(nodes > 1 ? $"{nodes - 1} or " : "")}{nodes + 1} nodes.";
}
