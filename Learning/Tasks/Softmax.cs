using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Tasks;

/// <summary>Softmax and cross-entropy of rows of scores, with an exponential and a logarithm of our own.</summary>
/// <remarks>The C library's differ from system to system in their last bit; these are fixed by the code here.</remarks>
internal static unsafe class Softmax
{
    private const int Unit = 16; // floats that the exponentials are taken of at once, or a multiple
    private const float Smallest = -87.33654f; // e to it is the smallest normal float; below, the result is 0

    /// <summary>Loss of a row of scores; NaN if a score is.</summary>
    /// <param name="scores">The scores (classes).</param>
    /// <param name="label">The right class.</param>
    /// <param name="errors">Takes probabilities, less one at the label, times the scale; empty if nobody wants
    /// them.</param>
    /// <param name="scale">Factor of the errors.</param>
    /// <returns>The loss in nats.</returns>
    public static double Loss(ReadOnlySpan<float> scores, int label, Span<float> errors, float scale)
    {
        var highest = float.NegativeInfinity;
        foreach (var score in scores) highest = Math.Max(highest, score);
        var right = scores[label];
        Span<float> powers = stackalloc float[(scores.Length + Unit - 1) / Unit * Unit];
        scores.CopyTo(powers);
        powers[scores.Length..].Fill(float.NegativeInfinity);
        Exponentials(powers, highest);
        var sum = 0f;
        foreach (var power in powers[..scores.Length]) sum += power;
        if (errors.Length > 0)
        {
            for (var c = 0; c < scores.Length; c++) errors[c] = powers[c] / sum * scale;
            errors[label] = (powers[label] / sum - 1) * scale;
        }
        return Logarithm(sum) - (right - highest);
    }

    /// <summary>
    /// e to each value less the highest; the values' number is a multiple of 16, and none is above the highest.
    /// </summary>
    /// <remarks>Cephes' polynomial for 2^f; at most 1.1 units in the last place off.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void Exponentials(Span<float> values, float highest)
    {
        fixed (float* start = values)
        {
            for (var i = 0; i < values.Length; i += Vector256<float>.Count)
                Exponential(Vector256.Load(start + i) - Vector256.Create(highest)).Store(start + i);
        }
    }

    /// <summary>ln x for a normal x above zero; NaN if x is not a number.</summary>
    internal static double Logarithm(double x)
    {
        if (!double.IsFinite(x)) return x;
        var bits = BitConverter.DoubleToInt64Bits(x);
        var exponent = (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble(bits & 0xFFFFFFFFFFFFFL | 1023L << 52); // 1 to 2
        if (m > 1.4142135623730951) (m, exponent) = (m / 2, exponent + 1);
        // ln m = 2 artanh f with f = (m - 1) / (m + 1), whose square is below 0.0295.
        var f = (m - 1) / (m + 1);
        var square = f * f;
        var series = 0.0;
        for (var n = 21; n >= 1; n -= 2) series = series * square + 1.0 / n;
        return exponent * 0.69314718055994531 + 2 * f * series;
    }

    private static Vector256<float> Exponential(Vector256<float> x)
    {
        // x = n ln 2 + r with |r| at most ½ ln 2; adding 1.5·2²³ rounds to the nearest whole number.
        var magic = Vector256.Create(12_582_912f);
        var whole = Vector256.FusedMultiplyAdd(x, Vector256.Create(1.44269504f), magic);
        var n = whole - magic;
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r) + Vector256<float>.One;
        var power = Vector256.ShiftLeft(whole.AsInt32() - magic.AsInt32() + Vector256.Create(127), 23).AsSingle();
        var tiny = Vector256.LessThan(x, Vector256.Create(Smallest));
        var result = Vector256.ConditionalSelect(tiny, Vector256<float>.Zero, p * power);
        return Vector256.ConditionalSelect(Vector256.Equals(x, x), result, x);
    }
}
