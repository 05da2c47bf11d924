using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>Cuts a node's samples into batches, in a new random order each time that they run out.</summary>
/// <remarks>
/// The last batch of a pass may be smaller. If it held fewer samples than the model can train on, they join the batch
/// before it; if the node has fewer than that in all, there is no batch.
/// </remarks>
internal sealed class SampleOrder
{
    private readonly int[] _order;
    private readonly int _batchSize, _smallest;
    private readonly RandomStream _stream;
    private int _next;

    /// <summary>An order that begins with a fresh pass.</summary>
    /// <param name="indices">The samples; copied.</param>
    /// <param name="batchSize">Samples a batch; 0 means all.</param>
    /// <param name="smallest">Fewest samples that a batch may hold.</param>
    /// <param name="stream">Draws the orders.</param>
    public SampleOrder(int[] indices, int batchSize, int smallest, RandomStream stream)
    {
        if (batchSize > 0 && batchSize < smallest)
            throw new ExperimentException(
                $"The model needs {smallest} samples a step or more on images this small, because BatchNorm has no "
                    + $"spread over fewer; set training.batchSize to {smallest} or more, not {batchSize}.");
        _order = [.. indices];
        _batchSize = batchSize == 0 ? Math.Max(1, indices.Length) : batchSize;
        _smallest = smallest;
        _stream = stream;
        _next = _order.Length;
    }

    /// <summary>Batches in one pass.</summary>
    public int BatchesPerEpoch
    {
        get
        {
            var (full, rest) = Math.DivRem(_order.Length, _batchSize);
            return rest >= _smallest ? full + 1 : full;
        }
    }

    /// <summary>Steps that a job takes; none without a batch.</summary>
    /// <param name="settings">The job's settings.</param>
    public long StepsOf(TrainingSettings settings)
    {
        if (BatchesPerEpoch == 0) return 0;
        return settings.Steps > 0 ? settings.Steps : (long)settings.Epochs * BatchesPerEpoch;
    }

    /// <summary>The next batch; there must be one.</summary>
    public ReadOnlySpan<int> Next()
    {
        if (_next == _order.Length)
        {
            _stream.Shuffle<int>(_order);
            _next = 0;
        }
        var left = _order.Length - _next;
        var count = left - _batchSize < _smallest ? left : _batchSize;
        var batch = _order.AsSpan(_next, count);
        _next += count;
        return batch;
    }
}
