using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <content>Sixteen accumulators as two registers of eight.</content>
internal static unsafe partial class ForwardKernel
{
    private static void Narrow(Matrix input, int rows, LinearWeights layer, Matrix output, bool rectify)
    {
        var halves = stackalloc float[2 * 64];
        var right = layer with { Weights = layer.Weights with { Start = layer.Weights.Start + 8 * sizeof(float) } };
        for (var o = 0; o < layer.Outputs; o += 4)
        {
            var ends = Ends.Of(layer, o, rectify);
            for (var row = 0; row < rows; row += 2)
            {
                // the last row again, if it is alone: the same values at the same place
                var next = Math.Min(row + 1, rows - 1);
                Half(input.Row(row), input.Row(next), input.Stride, layer, o, halves);
                Half(input.Row(row) + 8, input.Row(next) + 8, input.Stride, right, o, halves + 64);
                Put(Sum(Whole(halves), Whole(halves + 8), Whole(halves + 16), Whole(halves + 24)), ends,
                    output.Row(row) + o);
                Put(Sum(Whole(halves + 32), Whole(halves + 40), Whole(halves + 48), Whole(halves + 56)), ends,
                    output.Row(next) + o);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Whole(float* half) => Vector256.Load(half) + Vector256.Load(half + 64);

    /// <summary>Eight of the sixteen accumulators for two rows and four outputs.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Half(float* x0, float* x1, int width, LinearWeights layer, int o, float* sums)
    {
        float* w0 = layer.Row(o), w1 = layer.Row(o + 1), w2 = layer.Row(o + 2), w3 = layer.Row(o + 3);
        Vector256<float> a00 = default, a01 = default, a02 = default, a03 = default;
        Vector256<float> a10 = default, a11 = default, a12 = default, a13 = default;
        for (nint k = 0; k < width; k += 16)
        {
            var (u, v) = (Vector256.Load(x0 + k), Vector256.Load(x1 + k));
            var w = Vector256.Load(w0 + k);
            a00 = Vector256.FusedMultiplyAdd(u, w, a00);
            a10 = Vector256.FusedMultiplyAdd(v, w, a10);
            w = Vector256.Load(w1 + k);
            a01 = Vector256.FusedMultiplyAdd(u, w, a01);
            a11 = Vector256.FusedMultiplyAdd(v, w, a11);
            w = Vector256.Load(w2 + k);
            a02 = Vector256.FusedMultiplyAdd(u, w, a02);
            a12 = Vector256.FusedMultiplyAdd(v, w, a12);
            w = Vector256.Load(w3 + k);
            a03 = Vector256.FusedMultiplyAdd(u, w, a03);
            a13 = Vector256.FusedMultiplyAdd(v, w, a13);
        }
        a00.Store(sums);
        a01.Store(sums + 8);
        a02.Store(sums + 16);
        a03.Store(sums + 24);
        a10.Store(sums + 32);
        a11.Store(sums + 40);
        a12.Store(sums + 48);
        a13.Store(sums + 56);
    }

    /// <summary>Four sums over eight lanes each: lanes 4 apart, 2 apart, 1 apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sum(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        var (p, q) = (a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());
        var (r, s) = (c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());
        if (!Sse.IsSupported) return Vector128.Create(Sum(p), Sum(q), Sum(r), Sum(s));
        var pq = Sse.UnpackLow(p, q) + Sse.UnpackHigh(p, q); // p0+p2 q0+q2 p1+p3 q1+q3
        var rs = Sse.UnpackLow(r, s) + Sse.UnpackHigh(r, s);
        return Sse.MoveLowToHigh(pq, rs) + Sse.MoveHighToLow(rs, pq);
    }

    private static float Sum(Vector128<float> p) => p[0] + p[2] + (p[1] + p[3]);
}
