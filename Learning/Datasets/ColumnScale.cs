namespace Orleans.FL.Learning.Datasets;

/// <summary>How a column's values become what a model is given: (value - mean) / deviation.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Deviation">The standard deviation; 1 where all values are equal.</param>
internal readonly record struct ColumnScale(double Mean, double Deviation)
{
    /// <summary>Values stay as they are.</summary>
    public static ColumnScale None { get; } = new(0, 1);

    /// <summary>
    /// Mean and standard deviation (of the rows themselves, not of what they are a sample of) of a column.
    /// </summary>
    /// <param name="values">Its values, one a row.</param>
    /// <param name="rows">The rows that count.</param>
    public static ColumnScale Of(ReadOnlySpan<double> values, ReadOnlySpan<int> rows)
    {
        var first = values[rows[0]];
        var (sum, constant) = (0.0, true);
        foreach (var row in rows)
        {
            sum += values[row];
            constant &= values[row] == first;
        }
        if (constant) return new(first, 1); // the mean may be a rounding beside it, and the deviation no 0
        var mean = sum / rows.Length;
        var squares = 0.0;
        foreach (var row in rows) squares += (values[row] - mean) * (values[row] - mean);
        var deviation = Math.Sqrt(squares / rows.Length);
        return new(mean, deviation == 0 ? 1 : deviation);
    }

    /// <summary>A value as a model is given it.</summary>
    /// <param name="value">The value in the file.</param>
    public float Of(double value) => (float)((value - Mean) / Deviation);
}
