using System.Buffers;

namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// A weighted sum of float32 vectors whose bits do not depend on the order of the terms, nor on how they are grouped.
/// </summary>
/// <remarks>
/// <para>Float addition is not associative, integer addition is. Each product weight·value is rounded once, to a
/// multiple of 2^-70, and kept as two 64-bit integers: a high one in units of 2^-20 and a low one, at most half a unit
/// of the high one, in units of 2^-70. Adding those is exact. Products of 53 significant bits whose magnitude is at
/// least 2^-17 are kept whole; smaller ones are off by at most 2^-71.</para>
/// <para>The rounding adds 1.5·2^52 + 2^49 in one fused multiply-add, which every processor does alike, so the
/// bits do not depend on the width of its vectors either. Reproducible summation by pre-rounding to a common grid:
/// Demmel, Nguyen, Fast Reproducible Floating-Point Summation, ARITH 2013; here with integer accumulators, which also
/// merge.</para>
/// </remarks>
public sealed partial class ExactSum
{
    private const double HighScale = 1L << 20;
    private const double LowScale = 1L << 50;
    // its sum with a magnitude below 2^49 has its upper 14 bits: one operation checks that
    private const double Magic = 1.5 * (1L << 52) + (1L << 49);
    private const double Limit = 1L << 30;
    private const int TermsBetweenCarries = 4096;
    private const int Block = 4096; // what is sent and merged at a time
    // what is summed at a time: it stays in the second cache, beside what is read and what is read ahead
    private const int Stretch = 1 << 14;

    private readonly long[] _high;
    private readonly long[] _low;
    private readonly long[] _weight = new long[2];
    private int _sinceCarry;

    /// <summary>The empty sum.</summary>
    /// <param name="length">Length of the vectors.</param>
    public ExactSum(int length)
    {
        _high = new long[length];
        _low = new long[length];
    }

    /// <summary>Length of the vectors.</summary>
    public int Length => _high.Length;

    /// <summary>Number of terms.</summary>
    public long Terms { get; private set; }

    /// <summary>Sum of the weights.</summary>
    public double Weight => Value(_weight[0], _weight[1]);

    /// <summary>Adds weight·values.</summary>
    /// <param name="values">The vector.</param>
    /// <param name="weight">Its weight; finite.</param>
    /// <exception cref="NotSummableException">A product is not finite or not below 2^30 in magnitude; the sum is
    /// unusable then.</exception>
    public void Add(ReadOnlySpan<float> values, double weight)
    {
        if (values.Length != Length)
            throw new ArgumentException($"A vector of {values.Length} values cannot be added to a sum of {Length}.");
        Accumulate(values, weight, _high, _low, 0, Magic, LowScale);
        AddWeight(_weight, weight);
        Terms++;
        if (++_sinceCarry >= TermsBetweenCarries) Carry();
    }

    /// <summary>Makes it the empty sum again.</summary>
    public void Clear()
    {
        Array.Clear(_high);
        Array.Clear(_low);
        Array.Clear(_weight);
        (Terms, _sinceCarry) = (0, 0);
    }

    /// <summary>Adds all terms of another sum.</summary>
    /// <param name="other">A sum of the same length.</param>
    public void Merge(ExactSum other)
    {
        if (other.Length != Length)
            throw new ArgumentException($"A sum of {other.Length} values cannot be merged into one of {Length}.");
        Carry();
        other.Carry();
        for (var i = 0; i < _high.Length; i++)
        {
            _high[i] += other._high[i];
            _low[i] += other._low[i];
        }
        _weight[0] += other._weight[0];
        _weight[1] += other._weight[1];
        Terms += other.Terms;
        Carry();
    }

    /// <summary>Σ weight·value / Σ weight, rounded to float32.</summary>
    /// <exception cref="InvalidOperationException">The weights sum to zero.</exception>
    public ParameterVector Mean()
    {
        var weight = Weight;
        if (weight == 0) throw new InvalidOperationException("The weights of the sum are zero.");
        return Finish(weight);
    }

    /// <summary>Σ weight·value, rounded to float32.</summary>
    public ParameterVector Total() => Finish(1);

    /// <summary>
    /// The weighted mean of some vectors: what adding them one by one gives, in one pass over memory.
    /// </summary>
    /// <param name="terms">Vectors of one length and their weights, which must not sum to zero; at least one.</param>
    /// <exception cref="NotSummableException">A product is not finite or not below 2^30 in magnitude.</exception>
    public static ParameterVector WeightedMean(IReadOnlyList<(ParameterVector Vector, double Weight)> terms)
    {
        var length = terms[0].Vector.Length;
        var weight = new long[2];
        foreach (var term in terms)
        {
            if (term.Vector.Length != length)
                throw new ArgumentException($"Vectors of {length} and {term.Vector.Length} values have no mean.");
            AddWeight(weight, term.Weight);
        }
        var total = Value(weight[0], weight[1]);
        if (total == 0) throw new ArgumentException("The weights sum to zero.");
        (ParameterVector Vector, double Weight)[] read = [.. terms.Select(t => (t.Vector.Borrow(), t.Weight))];
        var mean = FloatPool.Of(length);
        var limbs = ArrayPool<long>.Shared.Rent(2 * Math.Min(Stretch, length));
        for (var start = 0; start < length; start += Stretch)
        {
            var size = Math.Min(Stretch, length - start);
            var high = limbs.AsSpan(0, size);
            var low = limbs.AsSpan(size, size);
            limbs.AsSpan(0, 2 * size).Clear();
            Accumulate(read, start, high, low);
            Round(high, low, total, mean.AsSpan(start, size));
        }
        ArrayPool<long>.Shared.Return(limbs);
        foreach (var (term, borrowed) in terms.Zip(read)) term.Vector.Return(borrowed.Vector);
        return ParameterVector.Own(mean);
    }

    private ParameterVector Finish(double divisor)
    {
        Carry();
        var values = FloatPool.Of(Length);
        Round(_high, _low, divisor, values);
        return ParameterVector.Own(values);
    }

    private static double Value(long high, long low)
    {
        var carry = low >> 50;
        return (high + carry) / HighScale + (low - (carry << 50)) / (HighScale * LowScale);
    }

    private static void AddWeight(long[] sum, double weight)
    {
        if (!(Math.Abs(weight) < Limit)) throw new NotSummableException($"A weight of {weight} cannot be summed.");
        var (high, low) = Split(weight, HighScale);
        sum[0] = checked(sum[0] + high);
        sum[1] += low;
        var carry = sum[1] >> 50;
        sum[0] += carry;
        sum[1] -= carry << 50;
    }

    private void Carry()
    {
        Carry(_high, _low);
        _sinceCarry = 0;
    }

    /// <summary>Moves what the low integers hold above one high unit; keeps room for the next terms.</summary>
    private static void Carry(long[] high, long[] low)
    {
        for (var i = 0; i < high.Length; i++)
        {
            var carry = low[i] >> 50;
            high[i] += carry;
            low[i] -= carry << 50;
            if (high[i] is > 1L << 62 or < -(1L << 62))
                throw new NotSummableException(
                    $"The sum at index {i} is beyond 4.4e12 in magnitude: the weights have diverged.");
        }
    }
}

/// <summary>A vector holds values that no weighted mean should take in: infinite, not a number, or huge.</summary>
/// <param name="message">Which value, where.</param>
public sealed class NotSummableException(string message) : Exception(message);
