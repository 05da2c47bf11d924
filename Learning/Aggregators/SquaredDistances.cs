using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>Squared Euclidean distances between some vectors.</summary>
/// <remarks>
/// The sums of segments of <see cref="SegmentValues"/> values, one after another. Who sums up which segment makes no
/// difference, so silos may share the segments: the bits are the same on any number of them, and for the same two
/// vectors whatever others there are and in whatever order.
/// </remarks>
/// <param name="count">Number of vectors.</param>
public sealed class SquaredDistances(int count)
{
    /// <summary>Values of a segment; the last one of a vector has fewer.</summary>
    public const int SegmentValues = 16 * SegmentDistances.BlockValues;

    private readonly double[] _pairs = new double[SegmentDistances.PairsOf(count)];

    /// <summary>Number of vectors.</summary>
    public int Count => count;

    /// <summary>The squared distance between two of them.</summary>
    /// <param name="first">Place of one.</param>
    /// <param name="second">Place of the other.</param>
    public double this[int first, int second] =>
        first == second ? 0 : _pairs[SegmentDistances.PairOf(Math.Max(first, second), Math.Min(first, second))];

    /// <summary>The distances between some vectors of one length.</summary>
    /// <param name="vectors">The vectors.</param>
    public static SquaredDistances Between(IReadOnlyList<ParameterVector> vectors)
    {
        ParameterVector[] borrowed = [.. vectors.Select(v => v.Borrow())];
        var distances = new SquaredDistances(vectors.Count);
        var segment = new SegmentDistances(vectors.Count);
        var length = vectors.Count == 0 ? 0 : vectors[0].Length;
        for (var start = 0; start < length; start += SegmentValues)
        {
            var size = Math.Min(SegmentValues, length - start);
            segment.Clear();
            segment.Add(Array.ConvertAll(borrowed, v => v.Memory.Slice(start, size)));
            distances.Add(segment.Pairs);
        }
        foreach (var (vector, read) in vectors.Zip(borrowed)) vector.Return(read);
        return distances;
    }

    /// <summary>Adds the sums of the next segment.</summary>
    /// <param name="pairs">What <see cref="SegmentDistances.Pairs"/> holds of it.</param>
    public void Add(ReadOnlySpan<double> pairs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(pairs.Length, _pairs.Length);
        for (var i = 0; i < pairs.Length; i++) _pairs[i] += pairs[i];
    }
}
