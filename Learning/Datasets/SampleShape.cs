using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Shape of what a model is given of a sample.</summary>
public sealed record SampleShape
{
    /// <summary>A shape.</summary>
    /// <param name="sizes">Size of each dimension: (channels, height, width) of an image, (columns) of a row of a
    /// table.</param>
    public SampleShape(params ReadOnlySpan<int> sizes)
    {
        Sizes = EquatableList.Create(sizes);
        Length = 1;
        foreach (var size in sizes) Length = checked(Length * size);
    }

    /// <summary>Size of each dimension.</summary>
    public EquatableList<int> Sizes { get; }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public override string ToString() => $"({string.Join(", ", Sizes)})";
}
