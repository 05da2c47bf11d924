using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>Squared distances between some vectors over a segment of their values.</summary>
/// <remarks>In double precision, eight sums side by side over each block, then block after block: the same bits on
/// every machine.</remarks>
/// <param name="count">Number of vectors.</param>
public sealed class SegmentDistances(int count)
{
    /// <summary>Values of a block.</summary>
    public const int BlockValues = 4096;

    private static readonly int Width = Vector512<double>.Count;

    private readonly double[] _pairs = new double[PairsOf(count)];

    /// <summary>The distances: of 1 and 0, of 2 and 0, of 2 and 1, of 3 and 0 …</summary>
    public ReadOnlySpan<double> Pairs => _pairs;

    /// <summary>Number of pairs of some vectors.</summary>
    /// <param name="vectors">How many.</param>
    public static int PairsOf(int vectors) => checked((int)((long)vectors * (vectors - 1) / 2));

    /// <summary>Place of a pair.</summary>
    /// <param name="greater">Place of the vector that comes later.</param>
    /// <param name="smaller">Place of the other.</param>
    public static int PairOf(int greater, int smaller) => (int)((long)greater * (greater - 1) / 2) + smaller;

    /// <summary>Begins another segment.</summary>
    public void Clear() => Array.Clear(_pairs);

    /// <summary>Adds the segment's next values.</summary>
    /// <param name="vectors">The same values of each vector; a multiple of <see cref="BlockValues"/>, but at the
    /// segment's end.</param>
    public void Add(IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.Count, count);
        var length = count == 0 ? 0 : vectors[0].Length;
        for (var start = 0; start < length; start += BlockValues)
        {
            var size = Math.Min(BlockValues, length - start);
            for (var i = 1; i < count; i++)
            {
                var x = vectors[i].Span.Slice(start, size);
                for (var j = 0; j < i; j++) _pairs[PairOf(i, j)] += OfBlock(x, vectors[j].Span.Slice(start, size));
            }
        }
    }

    private static double OfBlock(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sums = Vector512<double>.Zero;
        var i = 0;
        for (; i <= x.Length - Width; i += Width)
        {
            var change = Doubles(x[i..]) - Doubles(y[i..]);
            sums = Vector512.FusedMultiplyAdd(change, change, sums);
        }
        var sum = 0.0;
        for (var lane = 0; lane < Width; lane++) sum += sums[lane];
        for (; i < x.Length; i++)
        {
            var change = (double)x[i] - y[i];
            sum = Math.FusedMultiplyAdd(change, change, sum);
        }
        return sum;
    }

    private static Vector512<double> Doubles(ReadOnlySpan<float> values) =>
        Vector512.WidenLower(Vector256.Create(values).ToVector512Unsafe());
}
