using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>Y = X·Wᵀ + b, with or without ReLU.</summary>
/// <remarks>
/// The only kernel that sums across lanes, so its order is part of the result: product k goes, fused, to accumulator
/// k mod 16 in ascending k; then accumulators 8 apart, 4 apart, 2 apart and 1 apart are added, and the bias last. Each
/// output is a sum of its own: how many are worked on at once changes no bit. This file has the registers of AVX-512 in
/// mind, the other one those of AVX2.
/// </remarks>
internal static unsafe partial class ForwardKernel
{
    // Rows of X that are worked through for all outputs before the next ones come: 60 of 784 floats are 188 KB.
    private const int Block = 60;

    /// <summary>Works out a layer.</summary>
    /// <param name="input">X (rows, inputs).</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="layer">W and b.</param>
    /// <param name="output">Y (rows, outputs); what fills its rows up is not touched.</param>
    /// <param name="rectify">Whether negative outputs become zero.</param>
    /// <param name="wide">Whether to use the registers of AVX-512.</param>
    public static void Run(Matrix input, int rows, LinearWeights layer, Matrix output, bool rectify, bool wide)
    {
        for (var row = 0; row < rows; row += Block)
        {
            var count = Math.Min(Block, rows - row);
            var (x, y) = (input with { Start = (nint)input.Row(row) }, output with { Start = (nint)output.Row(row) });
            if (wide) Wide(x, count, layer, y, rectify);
            else Narrow(x, count, layer, y, rectify);
        }
    }

    private static void Wide(Matrix input, int rows, LinearWeights layer, Matrix output, bool rectify)
    {
        // Rows come five at a time, four at a time, or alone: 5a + 4b covers 4, 5, 8, 9, 10 and everything from 12 on.
        var fours = (5 - rows % 5) % 5;
        var fives = (rows - 4 * fours) / 5;
        if (rows < 4 * fours) (fives, fours) = (rows / 5, rows % 5 / 4);
        for (var o = 0; o < layer.Outputs; o += 4)
        {
            var (row, ends) = (0, Ends.Of(layer, o, rectify));
            for (var i = 0; i < fives; i++, row += 5) Five(input, row, layer, o, output, ends);
            for (var i = 0; i < fours; i++, row += 4) Four(input, row, layer, o, output, ends);
            for (; row < rows; row++) One(input, row, layer, o, output, ends);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Five(Matrix input, int row, LinearWeights layer, int o, Matrix output, Ends ends)
    {
        float* x0 = input.Row(row), x1 = x0 + input.Stride, x2 = x1 + input.Stride, x3 = x2 + input.Stride;
        var x4 = x3 + input.Stride;
        float* w0 = layer.Row(o), w1 = layer.Row(o + 1), w2 = layer.Row(o + 2), w3 = layer.Row(o + 3);
        Vector512<float> a00 = default, a01 = default, a02 = default, a03 = default, a10 = default, a11 = default;
        Vector512<float> a12 = default, a13 = default, a20 = default, a21 = default, a22 = default, a23 = default;
        Vector512<float> a30 = default, a31 = default, a32 = default, a33 = default, a40 = default, a41 = default;
        Vector512<float> a42 = default, a43 = default;
        for (nint k = 0; k < input.Stride; k += 16)
        {
            var (v0, v1) = (Vector512.Load(w0 + k), Vector512.Load(w1 + k));
            var (v2, v3) = (Vector512.Load(w2 + k), Vector512.Load(w3 + k));
            var u = Vector512.Load(x0 + k);
            a00 = Vector512.FusedMultiplyAdd(u, v0, a00);
            a01 = Vector512.FusedMultiplyAdd(u, v1, a01);
            a02 = Vector512.FusedMultiplyAdd(u, v2, a02);
            a03 = Vector512.FusedMultiplyAdd(u, v3, a03);
            u = Vector512.Load(x1 + k);
            a10 = Vector512.FusedMultiplyAdd(u, v0, a10);
            a11 = Vector512.FusedMultiplyAdd(u, v1, a11);
            a12 = Vector512.FusedMultiplyAdd(u, v2, a12);
            a13 = Vector512.FusedMultiplyAdd(u, v3, a13);
            u = Vector512.Load(x2 + k);
            a20 = Vector512.FusedMultiplyAdd(u, v0, a20);
            a21 = Vector512.FusedMultiplyAdd(u, v1, a21);
            a22 = Vector512.FusedMultiplyAdd(u, v2, a22);
            a23 = Vector512.FusedMultiplyAdd(u, v3, a23);
            u = Vector512.Load(x3 + k);
            a30 = Vector512.FusedMultiplyAdd(u, v0, a30);
            a31 = Vector512.FusedMultiplyAdd(u, v1, a31);
            a32 = Vector512.FusedMultiplyAdd(u, v2, a32);
            a33 = Vector512.FusedMultiplyAdd(u, v3, a33);
            u = Vector512.Load(x4 + k);
            a40 = Vector512.FusedMultiplyAdd(u, v0, a40);
            a41 = Vector512.FusedMultiplyAdd(u, v1, a41);
            a42 = Vector512.FusedMultiplyAdd(u, v2, a42);
            a43 = Vector512.FusedMultiplyAdd(u, v3, a43);
        }
        Put(Sum(a00, a01, a02, a03), ends, output.Row(row) + o);
        Put(Sum(a10, a11, a12, a13), ends, output.Row(row + 1) + o);
        Put(Sum(a20, a21, a22, a23), ends, output.Row(row + 2) + o);
        Put(Sum(a30, a31, a32, a33), ends, output.Row(row + 3) + o);
        Put(Sum(a40, a41, a42, a43), ends, output.Row(row + 4) + o);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Four(Matrix input, int row, LinearWeights layer, int o, Matrix output, Ends ends)
    {
        float* x0 = input.Row(row), x1 = x0 + input.Stride, x2 = x1 + input.Stride, x3 = x2 + input.Stride;
        float* w0 = layer.Row(o), w1 = layer.Row(o + 1), w2 = layer.Row(o + 2), w3 = layer.Row(o + 3);
        Vector512<float> a00 = default, a01 = default, a02 = default, a03 = default, a10 = default, a11 = default;
        Vector512<float> a12 = default, a13 = default, a20 = default, a21 = default, a22 = default, a23 = default;
        Vector512<float> a30 = default, a31 = default, a32 = default, a33 = default;
        for (nint k = 0; k < input.Stride; k += 16)
        {
            var (v0, v1) = (Vector512.Load(w0 + k), Vector512.Load(w1 + k));
            var (v2, v3) = (Vector512.Load(w2 + k), Vector512.Load(w3 + k));
            var u = Vector512.Load(x0 + k);
            a00 = Vector512.FusedMultiplyAdd(u, v0, a00);
            a01 = Vector512.FusedMultiplyAdd(u, v1, a01);
            a02 = Vector512.FusedMultiplyAdd(u, v2, a02);
            a03 = Vector512.FusedMultiplyAdd(u, v3, a03);
            u = Vector512.Load(x1 + k);
            a10 = Vector512.FusedMultiplyAdd(u, v0, a10);
            a11 = Vector512.FusedMultiplyAdd(u, v1, a11);
            a12 = Vector512.FusedMultiplyAdd(u, v2, a12);
            a13 = Vector512.FusedMultiplyAdd(u, v3, a13);
            u = Vector512.Load(x2 + k);
            a20 = Vector512.FusedMultiplyAdd(u, v0, a20);
            a21 = Vector512.FusedMultiplyAdd(u, v1, a21);
            a22 = Vector512.FusedMultiplyAdd(u, v2, a22);
            a23 = Vector512.FusedMultiplyAdd(u, v3, a23);
            u = Vector512.Load(x3 + k);
            a30 = Vector512.FusedMultiplyAdd(u, v0, a30);
            a31 = Vector512.FusedMultiplyAdd(u, v1, a31);
            a32 = Vector512.FusedMultiplyAdd(u, v2, a32);
            a33 = Vector512.FusedMultiplyAdd(u, v3, a33);
        }
        Put(Sum(a00, a01, a02, a03), ends, output.Row(row) + o);
        Put(Sum(a10, a11, a12, a13), ends, output.Row(row + 1) + o);
        Put(Sum(a20, a21, a22, a23), ends, output.Row(row + 2) + o);
        Put(Sum(a30, a31, a32, a33), ends, output.Row(row + 3) + o);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void One(Matrix input, int row, LinearWeights layer, int o, Matrix output, Ends ends)
    {
        float* x = input.Row(row), w0 = layer.Row(o), w1 = layer.Row(o + 1), w2 = layer.Row(o + 2),
            w3 = layer.Row(o + 3);
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        for (nint k = 0; k < input.Stride; k += 16)
        {
            var u = Vector512.Load(x + k);
            a0 = Vector512.FusedMultiplyAdd(u, Vector512.Load(w0 + k), a0);
            a1 = Vector512.FusedMultiplyAdd(u, Vector512.Load(w1 + k), a1);
            a2 = Vector512.FusedMultiplyAdd(u, Vector512.Load(w2 + k), a2);
            a3 = Vector512.FusedMultiplyAdd(u, Vector512.Load(w3 + k), a3);
        }
        Put(Sum(a0, a1, a2, a3), ends, output.Row(row) + o);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector128<float> sums, Ends ends, float* to)
    {
        var y = sums + ends.Bias;
        y = Vector128.ConditionalSelect(Vector128.LessThan(y, ends.Lowest), ends.Lowest, y); // not Max: NaN stays NaN
        (y & ends.There).Store(to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Sum(Vector512<float> a, Vector512<float> b, Vector512<float> c,
        Vector512<float> d) => Sum(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(),
            c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    /// <summary>What is done to four sums at last. No call: it would keep the accumulators out of registers.</summary>
    /// <param name="Bias">What is added.</param>
    /// <param name="Lowest">What outputs are raised to: zeros for ReLU.</param>
    /// <param name="There">All bits where there is an output, none in what fills the row up.</param>
    private readonly record struct Ends(Vector128<float> Bias, Vector128<float> Lowest, Vector128<float> There)
    {
        public static Ends Of(LinearWeights layer, int o, bool rectify) => new(
            Vector128.Load(layer.Bias.Row(0) + o), Vector128.Create(rectify ? 0 : float.NegativeInfinity),
            Vector128.LessThan(Vector128.Create(0, 1, 2, 3), Vector128.Create(layer.Outputs - o)).AsSingle());
    }
}
