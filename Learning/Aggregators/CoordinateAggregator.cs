using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>
/// An aggregator that computes each value of the model from that value of all updates; the weights of the row
/// do not count.
/// </summary>
/// <remarks>It looks at a block of values of all updates at a time, so a row may be read block by block.</remarks>
public abstract class CoordinateAggregator : Aggregator
{
    private const int BlockValues = 4096;

    /// <inheritdoc/>
    public sealed override Sight Sight => Sight.CoordinateBlocks;

    /// <summary>One value of the model.</summary>
    /// <param name="values">That value of each update, in ascending order of rank; may be put in another order.</param>
    protected abstract float Combine(Span<float> values);

    /// <inheritdoc/>
    public sealed override Aggregation Over(IReadOnlyList<ReceivedUpdate> received) => part =>
    {
        ParameterVector[] vectors = [.. received.Select(r => part(r.Update))];
        var borrowed = Array.ConvertAll(vectors, v => v.Borrow());
        var result = FloatPool.Of(vectors[0].Length);
        CombineBlock(Array.ConvertAll(borrowed, v => v.Memory), result);
        foreach (var (vector, read) in vectors.Zip(borrowed)) vector.Return(read);
        return ParameterVector.Own(result);
    };

    /// <summary>Some values of the model, one after another.</summary>
    /// <param name="updates">The same values of each update, in ascending order of rank, each as long as the
    /// result.</param>
    /// <param name="result">Where to.</param>
    public void CombineBlock(IReadOnlyList<ReadOnlyMemory<float>> updates, Span<float> result)
    {
        var columns = new float[Math.Min(BlockValues, result.Length) * updates.Count];
        for (var start = 0; start < result.Length; start += BlockValues)
            Combine(updates, columns, start, result.Slice(start, Math.Min(BlockValues, result.Length - start)));
    }

    private void Combine(
        IReadOnlyList<ReadOnlyMemory<float>> updates, float[] columns, int start, Span<float> result)
    {
        var count = updates.Count;
        for (var update = 0; update < count; update++)
        {
            var values = updates[update].Span.Slice(start, result.Length);
            for (var i = 0; i < values.Length; i++) columns[i * count + update] = values[i];
        }
        for (var i = 0; i < result.Length; i++) result[i] = Combine(columns.AsSpan(i * count, count));
    }
}
