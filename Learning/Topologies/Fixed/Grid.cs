using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Rows and columns: each node is connected to those left, right, above and below it.</summary>
/// <remarks>
/// Any number of nodes works: with c columns, node i is in row i/c and column i mod c, and the last row may be short.
/// Left alone, c is the square root, rounded up, so that the rectangle is the most nearly square one.
/// </remarks>
/// <param name="options">Columns, mixing weights.</param>
[Component("grid", Summary = "Rows and columns: each node is connected to those left, right, above and below it.",
    Aliases = ["mesh"])]
public sealed class Grid(Grid.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="Grid"/>.</summary>
    public sealed record Options : TopologyOptions
    {
        /// <summary>Number of columns; 0 means the square root of the number of nodes, rounded up.</summary>
        [Option("Number of columns; 0 = the square root of the number of nodes, rounded up. The last row may be short.",
            Min = 0, Max = 1_000_000)]
        public int Columns { get; init; }
    }

    /// <inheritdoc/>
    public override string? Shape(int nodes) => Rectangle.Of(nodes, options.Columns).ToString();

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var columns = Rectangle.Of(nodes, options.Columns).Columns;
        return SparseGraph.Of(nodes, Enumerable.Range(0, nodes).SelectMany(i => new[]
        {
            (i, (i + 1) % columns == 0 || i + 1 == nodes ? i : i + 1),
            (i, i + columns < nodes ? i + columns : i),
        }));
    }
}
