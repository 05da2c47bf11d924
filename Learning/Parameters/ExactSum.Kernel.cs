using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// The inner loops: four terms at a time where there are as many, so that the integers are loaded and stored once
/// for all four.
/// </summary>
/// <remarks>
/// The constants come in as arguments of methods that are not inlined, and stay in registers; those that the compiler
/// knows it loads anew for each product.
/// </remarks>
public sealed partial class ExactSum
{
    private const int Together = 4;
    private const int Width = 16; // floats a step: two vectors of eight doubles, and what a line of the cache holds

    /// <summary>Adds all terms over one block, and carries in time.</summary>
    private static void Accumulate(
        IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int start, Span<long> high, Span<long> low)
    {
        for (var done = 0; done < terms.Count; done += TermsBetweenCarries)
        {
            if (done > 0) Carry(high, low, start);
            Accumulate(terms, done, Math.Min(TermsBetweenCarries, terms.Count - done), start, high, low);
        }
    }

    /// <summary>Adds some terms over one block, which begins at <paramref name="start"/>.</summary>
    private static void Accumulate(IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int first, int count,
        int start, Span<long> high, Span<long> low)
    {
        var (t, end, size) = (first, first + count, high.Length);
        for (; t + Together <= end; t += Together)
        {
            var four = new Four(terms, t, start, size);
            AccumulateFour(four, Following(four, t), high, low, start, Magic, LowScale);
        }
        for (; t < end; t++)
            Accumulate(terms[t].Vector.Span.Slice(start, size), terms[t].Weight, high, low, start, Magic, LowScale);

        // What is wanted next: four more terms, or the first four in the block that follows; the same where
        // there is neither.
        Four Following(Four four, int term) =>
            term + 2 * Together <= end ? new Four(terms, term + Together, start, size)
            : start + 2 * size <= terms[first].Vector.Length ? new Four(terms, first, start + size, size)
            : four;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AccumulateFour(
        Four four, Four next, Span<long> high, Span<long> low, int start, double magic, double lowScale)
    {
        RequireRoom(four, high, low);
        RequireRoom(next, high, low);
        var grid = new Grid(magic, lowScale);
        var (wa, wb) = (Scaled(four.Weights[0]), Scaled(four.Weights[1]));
        var (wc, wd) = (Scaled(four.Weights[2]), Scaled(four.Weights[3]));
        var magics = Together * grid.MagicBits;
        ref var a = ref MemoryMarshal.GetReference(four.A);
        ref var b = ref MemoryMarshal.GetReference(four.B);
        ref var c = ref MemoryMarshal.GetReference(four.C);
        ref var d = ref MemoryMarshal.GetReference(four.D);
        ref var nextA = ref MemoryMarshal.GetReference(next.A);
        ref var nextB = ref MemoryMarshal.GetReference(next.B);
        ref var nextC = ref MemoryMarshal.GetReference(next.C);
        ref var nextD = ref MemoryMarshal.GetReference(next.D);
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        var beyond = Vector512<long>.Zero;
        var whole = (nuint)(four.A.Length / Width * Width);
        for (nuint i = 0; i < whole; i += Width)
        {
            Fetch(ref nextA, i);
            Fetch(ref nextB, i);
            Fetch(ref nextC, i);
            Fetch(ref nextD, i);
            var h = Vector512.LoadUnsafe(ref highs, i) - magics;
            var l = Vector512.LoadUnsafe(ref lows, i) - magics;
            Add(Doubles(ref a, i), wa, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref b, i), wb, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref c, i), wc, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref d, i), wd, grid, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i);
            l.StoreUnsafe(ref lows, i);
            h = Vector512.LoadUnsafe(ref highs, i + Width / 2) - magics;
            l = Vector512.LoadUnsafe(ref lows, i + Width / 2) - magics;
            Add(Doubles(ref a, i + Width / 2), wa, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref b, i + Width / 2), wb, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref c, i + Width / 2), wc, grid, ref h, ref l, ref beyond);
            Add(Doubles(ref d, i + Width / 2), wd, grid, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i + Width / 2);
            l.StoreUnsafe(ref lows, i + Width / 2);
        }
        var suspect = IsBeyond(beyond);
        Complete(four.A, four.Weights[0], suspect, high, low, start);
        Complete(four.B, four.Weights[1], suspect, high, low, start);
        Complete(four.C, four.Weights[2], suspect, high, low, start);
        Complete(four.D, four.Weights[3], suspect, high, low, start);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Accumulate(ReadOnlySpan<float> values, double weight, Span<long> high, Span<long> low,
        int start, double magic, double lowScale)
    {
        RequireRoom(values, high, low);
        var grid = new Grid(magic, lowScale);
        var scaled = Scaled(weight);
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var highs = ref MemoryMarshal.GetReference(high);
        ref var lows = ref MemoryMarshal.GetReference(low);
        var beyond = Vector512<long>.Zero;
        var whole = (nuint)(values.Length / Width * Width);
        for (nuint i = 0; i < whole; i += Width / 2)
        {
            var h = Vector512.LoadUnsafe(ref highs, i) - grid.MagicBits;
            var l = Vector512.LoadUnsafe(ref lows, i) - grid.MagicBits;
            Add(Doubles(ref source, i), scaled, grid, ref h, ref l, ref beyond);
            h.StoreUnsafe(ref highs, i);
            l.StoreUnsafe(ref lows, i);
        }
        Complete(values, weight, IsBeyond(beyond), high, low, start);
    }

    /// <summary>
    /// Adds the bits of both shifted limbs, those of the magic number included, and notes the bits in which the high
    /// ones differ from it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<double> value, Vector512<double> weight, Grid grid, ref Vector512<long> high,
        ref Vector512<long> low, ref Vector512<long> beyond)
    {
        var shifted = Vector512.FusedMultiplyAdd(value, weight, grid.Magic);
        var rest = Vector512.FusedMultiplyAdd(value, weight, grid.Magic - shifted);
        beyond |= shifted.AsInt64() ^ grid.MagicBits;
        high += shifted.AsInt64();
        low += Vector512.FusedMultiplyAdd(rest, grid.LowScale, grid.Magic).AsInt64();
    }

    /// <summary>
    /// Whether a product may have been out of range: its magnitude was 2^29 or more, half of what is allowed.
    /// </summary>
    private static bool IsBeyond(Vector512<long> beyond) =>
        Vector512.GreaterThanAny(beyond.AsUInt64(), Vector512.Create((1UL << 50) - 1));

    /// <summary>Refuses values out of range, if there may be some, and adds what is left after whole steps.</summary>
    private static void Complete(
        ReadOnlySpan<float> values, double weight, bool suspect, Span<long> high, Span<long> low, int start)
    {
        if (suspect) Refuse(values, weight, start);
        AccumulateRest(values, weight, high, low, start);
    }

    /// <summary>Eight values as doubles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Doubles(ref float values, nuint i) =>
        Vector512.WidenLower(Vector256.LoadUnsafe(ref values, i).ToVector512Unsafe());

    /// <summary>
    /// Asks for values that are wanted soon: other vectors begin where no processor would look ahead by itself.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Fetch(ref float values, nuint i)
    {
        if (Sse.IsSupported) Sse.Prefetch1(Unsafe.AsPointer(ref Unsafe.Add(ref values, i)));
    }

    /// <summary>What is left after whole steps, one by one.</summary>
    private static void AccumulateRest(
        ReadOnlySpan<float> values, double weight, Span<long> high, Span<long> low, int start)
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
        return (Units(shifted), Units(low));

        static long Units(double shifted) =>
            BitConverter.DoubleToInt64Bits(shifted) - BitConverter.DoubleToInt64Bits(Magic);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Scaled(double weight) => double.IsFinite(weight)
        ? Vector512.Create(weight * HighScale)
        : throw new NotSummableException($"A weight of {weight} cannot be summed.");

    /// <summary>The loops read and write without checks of their own.</summary>
    private static void RequireRoom(Four four, Span<long> high, Span<long> low)
    {
        RequireRoom(four.A, high, low);
        RequireRoom(four.B, high, low);
        RequireRoom(four.C, high, low);
        RequireRoom(four.D, high, low);
    }

    private static void RequireRoom(ReadOnlySpan<float> values, Span<long> high, Span<long> low)
    {
        if (high.Length < values.Length || low.Length < values.Length) throw new UnreachableException();
    }

    private static void Refuse(ReadOnlySpan<float> values, double weight, int start)
    {
        for (var i = 0; i < values.Length; i++)
            if (Split(values[i], weight * HighScale).High is <= -(1L << 50) or >= 1L << 50)
                throw new NotSummableException($"The value {values[i]} at index {start + i} (weight {weight}) cannot "
                    + "be summed: the weights have diverged.");
    }

    /// <summary>Σ weight·value / divisor of some values, rounded to float32.</summary>
    private static void Round(ReadOnlySpan<long> high, ReadOnlySpan<long> low, double divisor, Span<float> values)
    {
        var i = 0;
        for (; i <= values.Length - Width / 2; i += Width / 2)
        {
            var lows = Vector512.Create(low.Slice(i, Width / 2));
            var carry = lows >> 50;
            var whole = Vector512.ConvertToDouble(Vector512.Create(high.Slice(i, Width / 2)) + carry) / HighScale;
            var sum = whole + Vector512.ConvertToDouble(lows - (carry << 50)) / (HighScale * LowScale);
            Vector512.Narrow(sum / divisor, Vector512<double>.Zero).GetLower().CopyTo(values[i..]);
        }
        for (; i < values.Length; i++) values[i] = (float)(Value(high[i], low[i]) / divisor);
    }

    /// <summary>Four terms over one block, and their weights.</summary>
    private readonly ref struct Four(
        IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int first, int start, int size)
    {
        public ReadOnlySpan<float> A { get; } = terms[first].Vector.Span.Slice(start, size);

        public ReadOnlySpan<float> B { get; } = terms[first + 1].Vector.Span.Slice(start, size);

        public ReadOnlySpan<float> C { get; } = terms[first + 2].Vector.Span.Slice(start, size);

        public ReadOnlySpan<float> D { get; } = terms[first + 3].Vector.Span.Slice(start, size);

        public Vector256<double> Weights { get; } =
            Vector256.Create(terms[first].Weight, terms[first + 1].Weight, terms[first + 2].Weight,
                terms[first + 3].Weight);
    }

    /// <summary>The constants of the loops, in registers.</summary>
    private readonly struct Grid(double magic, double lowScale)
    {
        public Vector512<double> Magic { get; } = Vector512.Create(magic);

        public Vector512<double> LowScale { get; } = Vector512.Create(lowScale);

        public Vector512<long> MagicBits { get; } = Vector512.Create(BitConverter.DoubleToInt64Bits(magic));
    }
}
