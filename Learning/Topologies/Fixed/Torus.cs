using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>A grid of rows and columns whose borders are joined: each node has four neighbours.</summary>
/// <param name="options">Rows, mixing weights.</param>
[Component("torus", Summary = "A grid of rows and columns whose borders are joined: each node has four neighbours.")]
public sealed class Torus(Torus.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Torus"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Number of rows; 0 means the most nearly square shape.</summary>
        [Option("Number of rows, which must divide the number of nodes; 0 = the most nearly square shape.",
            Min = 0, Max = 500_000)]
        public int Rows { get; init; }

        /// <summary>Whether the last row may be short, so that any number of nodes works.</summary>
        [Option("Whether the last row may be short, so that any number of nodes works: "
            + "as many columns as the square root, rounded up; rows must be 0 then.")]
        public bool Ragged { get; init; }
    }

    /// <inheritdoc/>
    public override string? Shape(int nodes) =>
        options.Ragged ? Rectangle.Of(nodes, 0).ToString() : Shape(nodes, Of(nodes));

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        if (options.Ragged)
            return options.Rows == 0
                ? null
                : "A ragged torus chooses its rows itself; set ragged to true or rows, not both.";
        if (options.Rows > 0)
            return options.Rows >= 2 && nodes % options.Rows == 0 && nodes / options.Rows >= 2
                ? null
                : $"A torus of {options.Rows} rows needs a number of nodes that is {options.Rows} times at least 2 and "
                    + $"at least 2 rows; there are {nodes} nodes. Set rows to a divisor of {nodes}, or leave it out.";
        if (Rows(nodes) > 1) return null;
        var below = Nearest(nodes, -1);
        var above = Nearest(nodes, 1);
        return $"A torus needs rows × columns with at least 2 of each; {nodes} nodes do not divide so. "
            + $"Nearest that works: {(below > 0 ? $"{Sized(below)} or " : "")}{Sized(above)}; or set ragged to true.";
    }

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        if (options.Ragged) return Ragged(Rectangle.Of(nodes, 0));
        var rows = Of(nodes);
        var columns = nodes / rows;
        return SparseGraph.Of(nodes, Enumerable.Range(0, nodes).SelectMany(i =>
        {
            var (row, column) = (i / columns, i % columns);
            return new[] { (i, row * columns + (column + 1) % columns), (i, (row + 1) % rows * columns + column) };
        }));
    }

    /// <summary>Rows and columns are rings, of those that are there.</summary>
    private static SparseGraph Ragged(Rectangle r) =>
        SparseGraph.Of(r.Nodes, Enumerable.Range(0, r.Nodes).SelectMany(i =>
        {
            var (row, column) = (i / r.Columns, i % r.Columns);
            var width = row == r.Rows - 1 ? r.LastRow : r.Columns;
            var height = column < r.LastRow ? r.Rows : r.Rows - 1;
            return new[] { (i, row * r.Columns + (column + 1) % width), (i, (row + 1) % height * r.Columns + column) };
        }));

    private int Of(int nodes) => options.Rows > 0 ? options.Rows : Rows(nodes);

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

    private static string Sized(int nodes) => $"{nodes} ({Shape(nodes, Rows(nodes))})";

    private static string Shape(int nodes, int rows) => $"{rows} × {nodes / rows}";
}
