using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Parameters;

/// <summary>The inner loops: four terms at a time where there are as many, so that the integers are loaded and stored once for all four.</summary>
public sealed partial class ExactSum
{
    private const int Together = 4;
    private const int Width = 16; // floats a step: two vectors of eight doubles

    // Bits of the least and the greatest shifted product in range; bits of doubles in that range are in the order of their values.
    private const long LeastBits = MagicBits - (1L << 50) + 1;
    private const long MostBits = MagicBits + (1L << 50) - 1;

    /// <summary>Adds all terms over one block, and carries in time.</summary>
    private static void Accumulate(IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int start, Span<long> high, Span<long> low)
    {
        for (var done = 0; done < terms.Count; done += TermsBetweenCarries)
        {
            if (done > 0) Carry(high, low, start);
            Accumulate(terms, done, Math.Min(TermsBetweenCarries, terms.Count - done), start, high, low);
        }
    }

    /// <summary>Adds some terms over one block, which begins at <paramref name="start"/>.</summary>
    private static void Accumulate(
        IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int first, int count, int start, Span<long> high, Span<long> low)
    {
        var (t, size) = (first, high.Length);
        for (; t + Together <= first + count; t += Together)
            AccumulateFour(Values(t), Values(t + 1), Values(t + 2), Values(t + 3),
                Vector256.Create(terms[t].Weight, terms[t + 1].Weight, terms[t + 2].Weight, terms[t + 3].Weight), high, low, start);
        for (; t < first + count; t++) Accumulate(Values(t), terms[t].Weight, high, low, start);

        ReadOnlySpan<float> Values(int term) => terms[term].Vector.Span.Slice(start, size);
    }

    private static void AccumulateFour(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, ReadOnlySpan<float> d, Vector256<double> weights,
        Span<long> high, Span<long> low, int start)
    {
        RequireRoom(a, high, low);
        RequireRoom(b, high, low);
        RequireRoom(c, high, low);
        RequireRoom(d, high, low);
        var (wa, wb) = (Scaled(weights[0]), Scaled(weights[1]));
        var (wc, wd) = (Scaled(weights[2]), Scaled(weights[3]));
        var magics = Vector512.Create(unchecked(Together * MagicBits));
        ref var fa = ref MemoryMarshal.GetReference(a);
        ref var fb = ref MemoryMarshal.GetReference(b);
        ref var fc = ref MemoryMarshal.GetReference(c);
        ref var fd = ref MemoryMarshal.GetReference(d);
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        var beyond = Vector512<long>.Zero;
        var whole = (nuint)(a.Length / Width * Width);
        for (nuint i = 0; i < whole; i += Width)
        {
            var (a0, a1) = Vector512.Widen(Vector512.LoadUnsafe(ref fa, i));
            var (b0, b1) = Vector512.Widen(Vector512.LoadUnsafe(ref fb, i));
            var (c0, c1) = Vector512.Widen(Vector512.LoadUnsafe(ref fc, i));
            var (d0, d1) = Vector512.Widen(Vector512.LoadUnsafe(ref fd, i));
            var h = Vector512.LoadUnsafe(ref highs, i) - magics;
            var l = Vector512.LoadUnsafe(ref lows, i) - magics;
            Add(a0, wa, ref h, ref l, ref beyond);
            Add(b0, wb, ref h, ref l, ref beyond);
            Add(c0, wc, ref h, ref l, ref beyond);
            Add(d0, wd, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i);
            l.StoreUnsafe(ref lows, i);
            h = Vector512.LoadUnsafe(ref highs, i + Width / 2) - magics;
            l = Vector512.LoadUnsafe(ref lows, i + Width / 2) - magics;
            Add(a1, wa, ref h, ref l, ref beyond);
            Add(b1, wb, ref h, ref l, ref beyond);
            Add(c1, wc, ref h, ref l, ref beyond);
            Add(d1, wd, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i + Width / 2);
            l.StoreUnsafe(ref lows, i + Width / 2);
        }
        if (Vector512.LessThanAny(beyond, Vector512<long>.Zero))
        {
            Refuse(a, weights[0], start);
            Refuse(b, weights[1], start);
            Refuse(c, weights[2], start);
            Refuse(d, weights[3], start);
        }
        AccumulateRest(a, weights[0], high, low, start);
        AccumulateRest(b, weights[1], high, low, start);
        AccumulateRest(c, weights[2], high, low, start);
        AccumulateRest(d, weights[3], high, low, start);
    }

    private static void Accumulate(ReadOnlySpan<float> values, double weight, Span<long> high, Span<long> low, int start)
    {
        RequireRoom(values, high, low);
        var scaled = Scaled(weight);
        var magics = Vector512.Create(MagicBits);
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        var beyond = Vector512<long>.Zero;
        var whole = (nuint)(values.Length / Width * Width);
        for (nuint i = 0; i < whole; i += Width)
        {
            var (v0, v1) = Vector512.Widen(Vector512.LoadUnsafe(ref source, i));
            var h = Vector512.LoadUnsafe(ref highs, i) - magics;
            var l = Vector512.LoadUnsafe(ref lows, i) - magics;
            Add(v0, scaled, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i);
            l.StoreUnsafe(ref lows, i);
            h = Vector512.LoadUnsafe(ref highs, i + Width / 2) - magics;
            l = Vector512.LoadUnsafe(ref lows, i + Width / 2) - magics;
            Add(v1, scaled, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i + Width / 2);
            l.StoreUnsafe(ref lows, i + Width / 2);
        }
        if (Vector512.LessThanAny(beyond, Vector512<long>.Zero)) Refuse(values, weight, start);
        AccumulateRest(values, weight, high, low, start);
    }

    /// <summary>Adds the bits of both shifted limbs, 1.5·2^52 included, and notes in the sign whether the product was in range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<double> value, Vector512<double> weight, ref Vector512<long> high, ref Vector512<long> low, ref Vector512<long> beyond)
    {
        var magic = Vector512.Create(Magic);
        var shifted = Vector512.FusedMultiplyAdd(value, weight, magic);
        var rest = Vector512.FusedMultiplyAdd(value, weight, magic - shifted);
        var bits = shifted.AsInt64();
        beyond |= (bits - Vector512.Create(LeastBits)) | (Vector512.Create(MostBits) - bits);
        high += bits;
        low += Vector512.FusedMultiplyAdd(rest, Vector512.Create(LowScale), magic).AsInt64();
    }

    /// <summary>What is left after whole steps, one by one.</summary>
    private static void AccumulateRest(ReadOnlySpan<float> values, double weight, Span<long> high, Span<long> low, int start)
    {
        for (var i = values.Length / Width * Width; i < values.Length; i++)
        {
            var (h, l) = Split(values[i], weight * HighScale);
            if (h is <= -(1L << 50) or >= 1L << 50) Refuse(values, weight, start);
            high[i] += h;
            low[i] += l;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long High, long Low) Split(double value, double scaledWeight)
    {
        var shifted = Math.FusedMultiplyAdd(value, scaledWeight, Magic);
        var rest = Math.FusedMultiplyAdd(value, scaledWeight, Magic - shifted);
        var low = Math.FusedMultiplyAdd(rest, LowScale, Magic);
        return (BitConverter.DoubleToInt64Bits(shifted) - MagicBits, BitConverter.DoubleToInt64Bits(low) - MagicBits);
    }

    private static Vector512<double> Scaled(double weight) => double.IsFinite(weight)
        ? Vector512.Create(weight * HighScale)
        : throw new NotSummableException($"A weight of {weight} cannot be summed.");

    /// <summary>The loops read and write without checks of their own.</summary>
    private static void RequireRoom(ReadOnlySpan<float> values, Span<long> high, Span<long> low)
    {
        if (high.Length < values.Length || low.Length < values.Length) throw new UnreachableException();
    }

    private static void Refuse(ReadOnlySpan<float> values, double weight, int start)
    {
        for (var i = 0; i < values.Length; i++)
            if (Split(values[i], weight * HighScale).High is <= -(1L << 50) or >= 1L << 50)
                throw new NotSummableException(
                    $"The value {values[i]} at index {start + i} (weight {weight}) cannot be summed: the weights have diverged.");
    }
}
