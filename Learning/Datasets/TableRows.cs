using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Rows of a table of numbers, kept as the floats that a model is given.</summary>
/// <param name="values">Values of all rows, row after row.</param>
/// <param name="columns">Values of a row.</param>
/// <param name="targets">What a model is to predict for each row.</param>
public sealed class TableRows(float[] values, int columns, Targets targets)
    : DataPart(new SampleShape(columns), targets)
{
    /// <summary>The values of one row.</summary>
    /// <param name="index">Index of the row.</param>
    public ReadOnlySpan<float> Row(int index) => values.AsSpan(index * columns, columns);

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> samples, Span<float> rows, int stride)
    {
        for (var i = 0; i < samples.Length; i++) Row(samples[i]).CopyTo(rows[(i * stride)..]);
    }
}
