using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.ClientCli.Benchmarking.Plain;

/// <summary>A whole set of images as one float tensor, the usual way.</summary>
/// <param name="Images">(n, channels, height, width), scaled.</param>
/// <param name="Labels">(n).</param>
internal sealed record PlainData(Tensor Images, Tensor Labels)
{
    /// <summary>The tensors of a set.</summary>
    public static PlainData Of(ImageSet set)
    {
        var shape = set.Shape;
        var area = shape.Height * shape.Width;
        float[][] tables = [.. Enumerable.Range(0, shape.Channels).Select(set.Scale.Table)];
        var floats = new float[set.Pixels.Length];
        for (var i = 0; i < floats.Length; i++) floats[i] = tables[i / area % shape.Channels][set.Pixels[i]];
        long[] labels = [.. set.Labels.Select(l => (long)l)];
        return new PlainData(
            tensor(floats, [set.Count, shape.Channels, shape.Height, shape.Width]), tensor(labels, [set.Count]));
    }

    /// <summary>A batch; owned by the current scope.</summary>
    /// <param name="samples">Indices of its samples.</param>
    public (Tensor Images, Tensor Labels) Batch(ReadOnlySpan<int> samples)
    {
        var index = new long[samples.Length];
        for (var i = 0; i < index.Length; i++) index[i] = samples[i];
        var at = tensor(index);
        return (Images.index_select(0, at), Labels.index_select(0, at));
    }
}
