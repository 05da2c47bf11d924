namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// What the values of a <see cref="ParameterVector"/> mean: names and shapes of its slices, in order.
/// </summary>
/// <remarks>
/// Trainable parameters come first, float buffers (BatchNorm statistics) after them, each in state-dict order. The
/// slices cover the vector exactly once.
/// </remarks>
public sealed class ParameterLayout
{
    /// <summary>A layout of the given slices.</summary>
    /// <param name="slices">Slices in vector order; offsets must follow from the shapes.</param>
    /// <param name="counters">Names of the state dict's integer counters (BatchNorm's), which no vector holds.</param>
    public ParameterLayout(IReadOnlyList<ParameterSlice> slices, IReadOnlyList<string>? counters = null)
    {
        var offset = 0;
        foreach (var slice in slices)
        {
            if (slice.Offset != offset)
                throw new ArgumentException($"Slice {slice.Name} starts at {slice.Offset}, but {offset} is next.");
            offset += slice.Length;
            if (slice.Trainable) TrainableLength = offset;
        }
        Slices = slices;
        Length = offset;
        Counters = counters ?? [];
    }

    /// <summary>The slices, in vector order.</summary>
    public IReadOnlyList<ParameterSlice> Slices { get; }

    /// <summary>Number of values of a vector of this layout.</summary>
    public int Length { get; }

    /// <summary>Number of trainable values; they come first.</summary>
    public int TrainableLength { get; }

    /// <summary>Names of the state dict's integer counters, which no vector holds.</summary>
    public IReadOnlyList<string> Counters { get; }
}

/// <summary>One named tensor inside a <see cref="ParameterVector"/>.</summary>
/// <param name="Name">State-dict name, e.g. <c>layer1.0.conv1.weight</c>.</param>
/// <param name="Shape">Sizes of the tensor; empty for a scalar.</param>
/// <param name="Offset">Index of its first value in the vector.</param>
/// <param name="Trainable">Whether gradients move it; false for buffers.</param>
public sealed record ParameterSlice(string Name, IReadOnlyList<int> Shape, int Offset, bool Trainable)
{
    /// <summary>Number of values.</summary>
    public int Length { get; } = Shape.Aggregate(1, (n, d) => checked(n * d));
}
