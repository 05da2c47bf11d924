using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>
/// What a core gives at best: fused multiply-adds of float32 in its widest registers, with no memory in the way.
/// </summary>
public static class PeakRate
{
    private const int Chains = 10; // more than a core has under way at once: latency times units
    private const int Steps = 100_000;
    private const int Tries = 12;

    private static readonly Lazy<double> Measured = new(Measure);

    /// <summary>
    /// 10⁹ floating-point operations a second of one core, two each multiply-add; measured once, in some 20 ms.
    /// </summary>
    public static double GflopsPerCore => Measured.Value;

    private static unsafe double Measure()
    {
        var best = long.MaxValue;
        var sink = stackalloc float[WideLanes.Count];
        var wide = Vector512.IsHardwareAccelerated;
        for (var i = 0; i < Tries; i++) // the best of them: others may have had the core in between
        {
            var start = Stopwatch.GetTimestamp();
            if (wide) Run<WideLanes>(sink);
            else Run<NarrowLanes>(sink);
            best = Math.Min(best, Stopwatch.GetTimestamp() - start);
        }
        var operations = 2.0 * Chains * Steps * (wide ? WideLanes.Count : NarrowLanes.Count);
        return operations / ((double)best / Stopwatch.Frequency) / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe void Run<TLanes>(float* sink) where TLanes : struct, ILanes<TLanes>
    {
        TLanes a = TLanes.All(1), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a;
        var (scale, shift) = (TLanes.All(0.999f), TLanes.All(0.001f)); // each chain stays where it is
        for (var step = 0; step < Steps; step++)
        {
            a = TLanes.MultiplyAdd(a, scale, shift);
            b = TLanes.MultiplyAdd(b, scale, shift);
            c = TLanes.MultiplyAdd(c, scale, shift);
            d = TLanes.MultiplyAdd(d, scale, shift);
            e = TLanes.MultiplyAdd(e, scale, shift);
            f = TLanes.MultiplyAdd(f, scale, shift);
            g = TLanes.MultiplyAdd(g, scale, shift);
            h = TLanes.MultiplyAdd(h, scale, shift);
            i = TLanes.MultiplyAdd(i, scale, shift);
            j = TLanes.MultiplyAdd(j, scale, shift);
        }
        (a + b + c + d + e + f + g + h + i + j).Store(sink);
    }
}
