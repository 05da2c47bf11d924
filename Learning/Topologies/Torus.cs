using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Topologies;

/// <summary>A grid of rows and columns whose borders are joined: each node has four neighbours.</summary>
/// <param name="options">Rows, mixing weights.</param>
[Component("torus", Summary = "A grid of rows and columns whose borders are joined: each node has four neighbours.")]
public sealed class Torus(Torus.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Torus"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Number of rows; 0 means the most nearly square shape.</summary>
        [Option("Number of rows, which must divide the number of nodes; 0 = the most nearly square shape.", Min = 0, Max = 500_000)]
        public int Rows { get; init; }
    }

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        if (options.Rows > 0)
            return options.Rows >= 2 && nodes % options.Rows == 0 && nodes / options.Rows >= 2
                ? null
                : $"A torus of {options.Rows} rows needs a number of nodes that is {options.Rows} times at least 2 and at least 2 rows; "
                    + $"there are {nodes} nodes. Set rows to a divisor of {nodes}, or leave it out.";
        if (Rows(nodes) > 1) return null;
        var below = Nearest(nodes, -1);
        var above = Nearest(nodes, 1);
        return $"A torus needs rows × columns with at least 2 of each; {nodes} nodes do not divide so. Nearest that works: "
            + $"{(below > 0 ? $"{Shape(below)} or " : "")}{Shape(above)}.";
    }

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var columns = nodes / (options.Rows > 0 ? options.Rows : Rows(nodes));
        var rows = nodes / columns;
        return SparseGraph.Of(nodes, Enumerable.Range(0, nodes).SelectMany(i =>
        {
            var (row, column) = (i / columns, i % columns);
            return new[] { (i, row * columns + (column + 1) % columns), (i, (row + 1) % rows * columns + column) };
        }));
    }

    /// <summary>The largest divisor not above the square root.</summary>
    private static int Rows(int nodes)
    {
        var rows = (int)Math.Sqrt(nodes);
        while (rows > 1 && nodes % rows != 0) rows--;
        return rows;
    }

    private static int Nearest(int nodes, int step)
    {
        for (var n = nodes + step; n >= 4; n += step)
            if (Rows(n) > 1) return n;
        return step > 0 ? 4 : 0;
    }

    private static string Shape(int nodes) => $"{nodes} ({Rows(nodes)} × {nodes / Rows(nodes)})";
}
