using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>
/// An aggregator that computes each value of the model from that value of all updates; the weights of the row
/// do not count.
/// </summary>
/// <remarks>Besides the updates it takes memory for a block of values of each.</remarks>
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
        var columns = new float[Math.Min(BlockValues, result.Length) * vectors.Length];
        for (var start = 0; start < result.Length; start += BlockValues)
            Combine(borrowed, columns, start, result.AsSpan(start, Math.Min(BlockValues, result.Length - start)));
        foreach (var (vector, read) in vectors.Zip(borrowed)) vector.Return(read);
        return ParameterVector.Own(result);
    };

    private void Combine(ParameterVector[] vectors, float[] columns, int start, Span<float> result)
    {
        var count = vectors.Length;
        for (var update = 0; update < count; update++)
        {
            var values = vectors[update].Span.Slice(start, result.Length);
            for (var i = 0; i < values.Length; i++) columns[i * count + update] = values[i];
        }
        for (var i = 0; i < result.Length; i++) result[i] = Combine(columns.AsSpan(i * count, count));
    }
}
