using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Two complete graphs at the ends of a path: the slowest to mix.</summary>
/// <param name="options">Size of the ends, mixing weights.</param>
[Component("barbell", Summary = "Two complete graphs at the ends of a path.")]
public sealed class Barbell(Barbell.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Barbell"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Nodes of each of the two complete graphs.</summary>
        [Option("Nodes of each of the two complete graphs (b); the others are the path.", Min = 3, Max = 500_000)]
        public int CliqueSize { get; init; } = 3;
    }

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => nodes >= 2 * options.CliqueSize ? null
        : $"Two complete graphs of {options.CliqueSize} nodes need at least {2 * options.CliqueSize} nodes; "
            + $"there are {nodes}."
            + (nodes >= 6 ? $" Nearest that works: cliqueSize {nodes / 2}." : "");

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var size = options.CliqueSize;
        var last = nodes - size;
        return SparseGraph.Of(nodes, Clique(0, size).Concat(Clique(last, size))
            .Concat(Enumerable.Range(size - 1, last - size + 1).Select(i => (i, i + 1))));
    }

    private static IEnumerable<(int, int)> Clique(int first, int size) =>
        from i in Enumerable.Range(first, size)
        from j in Enumerable.Range(i + 1, first + size - i - 1)
        select (i, j);
}
