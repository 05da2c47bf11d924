using System.Runtime.Intrinsics;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>Squared Euclidean distances between some vectors.</summary>
/// <remarks>
/// In double precision, eight sums side by side over each block of 4096 values, then block after block: the same bits
/// on every machine, and for the same two vectors whatever others there are and in whatever order.
/// </remarks>
public sealed class SquaredDistances
{
    private const int Block = 4096;
    private static readonly int Width = Vector512<double>.Count;

    private readonly double[,] _distances;

    private SquaredDistances(double[,] distances) => _distances = distances;

    /// <summary>Number of vectors.</summary>
    public int Count => _distances.GetLength(0);

    /// <summary>The squared distance between two of them.</summary>
    /// <param name="first">Place of one.</param>
    /// <param name="second">Place of the other.</param>
    public double this[int first, int second] => _distances[first, second];

    /// <summary>The distances between some vectors of one length.</summary>
    /// <param name="vectors">The vectors.</param>
    public static SquaredDistances Between(IReadOnlyList<ParameterVector> vectors)
    {
        ParameterVector[] borrowed = [.. vectors.Select(v => v.Borrow())];
        var distances = new double[vectors.Count, vectors.Count];
        for (var i = 0; i < borrowed.Length; i++)
            for (var j = 0; j < i; j++)
                distances[i, j] = distances[j, i] = Between(borrowed[i].Span, borrowed[j].Span);
        foreach (var (vector, read) in vectors.Zip(borrowed)) vector.Return(read);
        return new(distances);
    }

    private static double Between(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var total = 0.0;
        for (var start = 0; start < x.Length; start += Block)
        {
            var size = Math.Min(Block, x.Length - start);
            total += OfBlock(x.Slice(start, size), y.Slice(start, size));
        }
        return total;
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
