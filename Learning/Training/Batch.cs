using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>The memory that batches are gathered in, from bytes straight to the floats that the network reads.</summary>
internal sealed class Batch : IDisposable
{
    // A lane that once saw a huge batch gives the memory back when it works on small ones again.
    private const int Slack = 4 << 20;

    private long[] _labels = [];
    private AlignedFloats? _pixels;
    private Tensor? _labelTensor;
    private PixelScale? _scale;
    private float[][] _tables = [];

    /// <summary>Labels of the batch gathered last.</summary>
    public ReadOnlySpan<long> Labels => _labels;

    /// <summary>Gathers samples.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="indices">Which they are.</param>
    /// <returns>Images (n, channels, height, width) and labels (n), valid until the next call; owned by the current scope.</returns>
    public (Tensor Pixels, Tensor Labels) Gather(ImageSet data, ReadOnlySpan<int> indices)
    {
        var (shape, count) = (data.Shape, indices.Length);
        var pixels = Reserve(checked(count * shape.Length), count);
        Read(data.Scale, shape.Channels);
        for (var i = 0; i < count; i++)
        {
            var image = data.Image(indices[i]);
            Convert(image, pixels.Span.Slice(i * shape.Length, shape.Length), shape.Height * shape.Width);
            _labels[i] = data.Labels[indices[i]];
        }
        var flat = pixels.Tensor.narrow(0, 0, count * shape.Length);
        return (flat.view(count, shape.Channels, shape.Height, shape.Width), _labelTensor!.narrow(0, 0, count));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pixels?.Dispose();
        _labelTensor?.Dispose();
    }

    private void Convert(ReadOnlySpan<byte> image, Span<float> floats, int area)
    {
        for (var channel = 0; channel < _tables.Length; channel++)
        {
            ref var table = ref MemoryMarshal.GetArrayDataReference(_tables[channel]); // 256 entries: a byte is in range
            var from = image.Slice(channel * area, area);
            var to = floats.Slice(channel * area, area);
            for (var i = 0; i < from.Length; i++) to[i] = Unsafe.Add(ref table, (nint)from[i]);
        }
    }

    private AlignedFloats Reserve(int pixels, int labels)
    {
        if (_labelTensor is null || _labels.Length < labels)
        {
            _labelTensor?.Dispose();
            _labels = GC.AllocateUninitializedArray<long>(labels, pinned: true);
            _labelTensor = frombuffer(_labels, ScalarType.Int64).DetachFromDisposeScope();
        }
        if (_pixels is not null && _pixels.Length >= pixels && _pixels.Length - pixels <= Slack) return _pixels;
        _pixels?.Dispose();
        return _pixels = new AlignedFloats(pixels);
    }

    private void Read(PixelScale scale, int channels)
    {
        if (ReferenceEquals(scale, _scale) && _tables.Length == channels) return;
        _tables = [.. Enumerable.Range(0, channels).Select(scale.Table)];
        _scale = scale;
    }
}
