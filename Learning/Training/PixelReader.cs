using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Datasets;

namespace Orleans.FL.Learning.Training;

/// <summary>Turns the bytes of images into the floats that a network reads, by one table a channel.</summary>
internal sealed class PixelReader
{
    private PixelScale? _scale;
    private float[][] _tables = [];

    /// <summary>Reads one image.</summary>
    /// <param name="data">Where it is.</param>
    /// <param name="index">Index of the image.</param>
    /// <param name="floats">Takes its pixels (channels, height, width).</param>
    public void Read(ImageSet data, int index, Span<float> floats)
    {
        Prepare(data.Scale, data.Shape.Channels);
        var image = data.Image(index);
        var area = data.Shape.Height * data.Shape.Width;
        for (var channel = 0; channel < _tables.Length; channel++)
        {
            ref var table = ref MemoryMarshal.GetArrayDataReference(_tables[channel]); // 256 entries: a byte is in range
            var from = image.Slice(channel * area, area);
            var to = floats.Slice(channel * area, area);
            for (var i = 0; i < from.Length; i++) to[i] = Unsafe.Add(ref table, (nint)from[i]);
        }
    }

    private void Prepare(PixelScale scale, int channels)
    {
        if (ReferenceEquals(scale, _scale) && _tables.Length == channels) return;
        _tables = [.. Enumerable.Range(0, channels).Select(scale.Table)];
        _scale = scale;
    }
}
