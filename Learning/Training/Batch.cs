using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>The memory that batches are gathered in, from bytes straight to the floats that the network reads.</summary>
internal sealed class Batch : IDisposable
{
    // A lane that once saw a huge batch gives the memory back when it works on small ones again.
    private const int Slack = 4 << 20;

    private readonly PixelReader _reader = new();
    private long[] _labels = [];
    private AlignedFloats? _pixels;
    private Tensor? _labelTensor;

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
        for (var i = 0; i < count; i++)
        {
            _reader.Read(data, indices[i], pixels.Span.Slice(i * shape.Length, shape.Length));
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
}
