using System.Numerics;

namespace Orleans.FL.Learning.Metrics;

/// <summary>Sum and weighted mean of doubles as whole numbers: exact, and rounded once when asked for.</summary>
internal sealed class ExactMean
{
    private const int Unit = 1074; // the least double is 2^-1074
    private const int QuotientBits = 62; // more than a double has; with the bit that marks a remainder it fits a long

    private BigInteger _values; // in units of 2^-1074
    private BigInteger _products; // in units of 2^-2148
    private BigInteger _weights; // in units of 2^-1074

    /// <summary>Sum of the values.</summary>
    public double Sum => Round(_values, BigInteger.One, Unit);

    /// <summary>Sum of the weights.</summary>
    public double Weight => Round(_weights, BigInteger.One, Unit);

    /// <summary>Mean of the values by weight; NaN without any weight.</summary>
    public double Mean => _weights.IsZero ? double.NaN : Round(_products, _weights, Unit);

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value; finite.</param>
    /// <param name="weight">Its weight; finite, 0 or more.</param>
    public void Add(double value, double weight)
    {
        var (v, w) = (Whole(value), Whole(weight));
        _values += v;
        _products += v * w;
        _weights += w;
    }

    /// <summary>A double in units of 2^-1074.</summary>
    private static BigInteger Whole(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var fraction = bits & ((1L << 52) - 1);
        var whole = exponent == 0 ? fraction : (BigInteger)(fraction | (1L << 52)) << (exponent - 1);
        return bits < 0 ? -whole : whole;
    }

    /// <summary>The double next to numerator / denominator · 2^-unit, the even one of two.</summary>
    private static double Round(BigInteger numerator, BigInteger denominator, int unit)
    {
        if (numerator.IsZero) return 0;
        var positive = BigInteger.Abs(numerator);
        var shift = QuotientBits - (int)(positive.GetBitLength() - denominator.GetBitLength());
        var quotient = shift >= 0
            ? BigInteger.DivRem(positive << shift, denominator, out var rest)
            : BigInteger.DivRem(positive, denominator << -shift, out rest);
        if (!rest.IsZero) quotient |= 1; // lies between two: never halfway
        return Math.ScaleB(numerator.Sign * (double)(long)quotient, -unit - shift);
    }
}
