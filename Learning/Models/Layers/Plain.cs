using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>max(0, x).</summary>
public sealed record Relu() : Layer((string?)null);

/// <summary>All values of a sample as one row, channel after channel.</summary>
public sealed record Flatten() : Layer((string?)null)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) => new(input.Length);
}

/// <summary>The largest of each window: an odd rest at the right and below is left out.</summary>
/// <param name="Size">Height and width of the windows, and pixels from window to window.</param>
public sealed record MaxPool(int Size) : Layer((string?)null)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) =>
        new(input.Sizes[0], input.Sizes[1] / Size, input.Sizes[2] / Size);
}

/// <summary>The mean of each window: an odd rest at the right and below is left out.</summary>
/// <param name="Size">Height and width of the windows, and pixels from window to window.</param>
public sealed record AveragePool(int Size) : Layer((string?)null)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) =>
        new(input.Sizes[0], input.Sizes[1] / Size, input.Sizes[2] / Size);
}

/// <summary>The mean of each map: (channels, height, width) to (channels).</summary>
public sealed record MeanOfMaps() : Layer((string?)null)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) => new(input.Sizes[0]);
}

/// <summary>
/// In training each value is kept with probability 1 − rate and then divided by that, or else is 0; in tests nothing
/// happens.
/// </summary>
/// <remarks>
/// Srivastava et al. 2014, in PyTorch's inverted form. What is dropped is drawn from the job's randomness, sample after
/// sample, channel after channel: the same on every engine.
/// </remarks>
/// <param name="Rate">Probability that a value is dropped, of [0, 1).</param>
public sealed record Dropout(double Rate) : Layer((string?)null);
