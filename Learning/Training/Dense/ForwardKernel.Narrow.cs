using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orleans.FL.Learning.Training.Dense;

/// <content>Sixteen accumulators as two registers of eight.</content>
internal static unsafe partial class ForwardKernel
{
    private static void Narrow(Matrix input, int rows, Linear layer, Matrix output, bool rectify)
    {
        Span<float> sums = stackalloc float[4]; // two rows, two outputs
        for (var o = 0; o < layer.Outputs; o += 2)
        {
            for (var row = 0; row < rows; row += 2)
            {
                var (nextRow, nextOutput) = (Math.Min(row + 1, rows - 1), Math.Min(o + 1, layer.Outputs - 1));
                Vector128.CopyTo(Two(input.Row(row), input.Row(nextRow), layer.Weights.Row(o), layer.Weights.Row(nextOutput), input.Stride), sums);
                Put(sums[0], layer, o, output.Row(row), rectify);
                Put(sums[1], layer, nextOutput, output.Row(row), rectify);
                Put(sums[2], layer, o, output.Row(nextRow), rectify);
                Put(sums[3], layer, nextOutput, output.Row(nextRow), rectify);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> Two(float* x0, float* x1, float* w0, float* w1, int width)
    {
        Vector256<float> a00 = default, a01 = default, a10 = default, a11 = default; // lanes 0 to 7
        Vector256<float> b00 = default, b01 = default, b10 = default, b11 = default; // lanes 8 to 15
        for (nint k = 0; k < width; k += 16)
        {
            var (u0, u1, v0, v1) = (Vector256.Load(x0 + k), Vector256.Load(x1 + k), Vector256.Load(w0 + k), Vector256.Load(w1 + k));
            a00 = Vector256.FusedMultiplyAdd(u0, v0, a00);
            a01 = Vector256.FusedMultiplyAdd(u0, v1, a01);
            a10 = Vector256.FusedMultiplyAdd(u1, v0, a10);
            a11 = Vector256.FusedMultiplyAdd(u1, v1, a11);
            (u0, u1, v0, v1) = (Vector256.Load(x0 + k + 8), Vector256.Load(x1 + k + 8), Vector256.Load(w0 + k + 8), Vector256.Load(w1 + k + 8));
            b00 = Vector256.FusedMultiplyAdd(u0, v0, b00);
            b01 = Vector256.FusedMultiplyAdd(u0, v1, b01);
            b10 = Vector256.FusedMultiplyAdd(u1, v0, b10);
            b11 = Vector256.FusedMultiplyAdd(u1, v1, b11);
        }
        return Sum(a00 + b00, a01 + b01, a10 + b10, a11 + b11);
    }

    /// <summary>Four sums over eight lanes each: lanes 4 apart, 2 apart, 1 apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sum(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        var (p, q) = (a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());
        var (r, s) = (c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());
        if (!Sse.IsSupported) return Vector128.Create(Sum(p), Sum(q), Sum(r), Sum(s));
        var (pq, rs) = (Sse.UnpackLow(p, q) + Sse.UnpackHigh(p, q), Sse.UnpackLow(r, s) + Sse.UnpackHigh(r, s)); // p0+p2 q0+q2 p1+p3 q1+q3
        return Sse.MoveLowToHigh(pq, rs) + Sse.MoveHighToLow(rs, pq);
    }

    private static float Sum(Vector128<float> p) => p[0] + p[2] + (p[1] + p[3]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(float sum, Linear layer, int o, float* row, bool rectify)
    {
        var y = sum + layer.Bias.Row(0)[o];
        row[o] = rectify && y < 0 ? 0 : y;
    }
}
