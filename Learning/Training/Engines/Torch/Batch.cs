using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>
/// The memory that batches are gathered in, from what a dataset keeps straight to the floats that the network reads.
/// </summary>
internal sealed class Batch : IDisposable
{
    // A lane that once saw a huge batch gives the memory back when it works on small ones again.
    private const int Slack = 4 << 20;

    private AlignedFloats? _values;

    /// <summary>Gathers samples.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="indices">Which they are.</param>
    /// <returns>Inputs (n, …shape of a sample), valid until the next call, and targets; owned by the current
    /// scope.</returns>
    public (Tensor Inputs, Tensor Targets) Gather(DataPart data, ReadOnlySpan<int> indices)
    {
        var (shape, count) = (data.Shape, indices.Length);
        var length = checked(count * shape.Length);
        var values = Reserve(length);
        data.Read(indices, values.Span[..length], shape.Length);
        return (values.Tensor.narrow(0, 0, length).view([count, .. shape.Sizes]), data.Targets.Gather(indices));
    }

    /// <inheritdoc/>
    public void Dispose() => _values?.Dispose();

    private AlignedFloats Reserve(int length)
    {
        if (_values is not null && _values.Length >= length && _values.Length - length <= Slack) return _values;
        _values?.Dispose();
        return _values = new AlignedFloats(length);
    }
}
