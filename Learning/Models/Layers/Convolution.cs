using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>
/// A two-dimensional convolution: (channels, height, width) to (filters, ⌊(height + 2p − k)/s⌋ + 1, …).
/// </summary>
/// <param name="Name">State-dict name.</param>
/// <param name="Channels">Filters: channels that it gives.</param>
/// <param name="Size">k: height and width of the filters.</param>
/// <param name="Stride">s: pixels from window to window.</param>
/// <param name="Padding">p: rows and columns of zeros around the maps.</param>
/// <param name="Bias">Whether each filter has a bias.</param>
public sealed record Convolution(
    string Name, int Channels, int Size, int Stride = 1, int Padding = 0, bool Bias = true) : Layer(Name)
{
    /// <inheritdoc/>
    public override SampleShape OutputOf(SampleShape input, int outputs) => new(Channels,
        Windows.Count(input.Sizes[1], Size, Stride, Padding), Windows.Count(input.Sizes[2], Size, Stride, Padding));

    /// <inheritdoc/>
    public override IEnumerable<LayerTensor> TensorsOf(SampleShape input, int outputs)
    {
        yield return new($"{Name}.weight", [Channels, input.Sizes[0], Size, Size], TensorKind.Parameter);
        if (Bias) yield return new($"{Name}.bias", [Channels], TensorKind.Parameter);
    }

    /// <inheritdoc/>
    public override IEnumerable<long> ProductsOf(SampleShape input, int outputs) =>
        [(long)OutputOf(input, outputs).Length * input.Sizes[0] * Size * Size];
}

/// <summary>Windows that move over a row of pixels.</summary>
internal static class Windows
{
    /// <summary>How many places a window has.</summary>
    public static int Count(int pixels, int size, int stride, int padding) =>
        (pixels + 2 * padding - size) / stride + 1;
}
