namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>Nodes in rows and columns, the last row maybe short.</summary>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Columns">Number of columns, from 1 to the number of nodes.</param>
internal readonly record struct Rectangle(int Nodes, int Columns)
{
    /// <summary>Number of rows.</summary>
    public int Rows => (Nodes + Columns - 1) / Columns;

    /// <summary>Nodes of the last row.</summary>
    public int LastRow => Nodes - (Rows - 1) * Columns;

    /// <summary>The rectangle of so many nodes.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="columns">Number of columns; 0 means the square root, rounded up.</param>
    public static Rectangle Of(int nodes, int columns)
    {
        if (columns > 0) return new(nodes, Math.Min(columns, nodes));
        var root = (int)Math.Sqrt(nodes);
        return new(nodes, root * root < nodes ? root + 1 : root);
    }

    /// <summary>Rows × columns.</summary>
    public override string ToString() =>
        $"{Rows} × {Columns}{(LastRow < Columns ? $", the last row has {LastRow}" : "")}";
}
