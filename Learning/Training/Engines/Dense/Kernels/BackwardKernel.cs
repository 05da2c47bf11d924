using System.Runtime.CompilerServices;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>E = (D·W) where H is positive, else 0: the error that a layer hands back through its ReLU inputs.</summary>
/// <remarks>Each value is a sum over the layer's outputs in ascending order, every step fused.</remarks>
internal static unsafe class BackwardKernel
{
    /// <summary>Works out the errors of a layer's inputs.</summary>
    /// <typeparam name="TLanes">Registers to use.</typeparam>
    /// <param name="errors">D (rows, outputs).</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="layer">W.</param>
    /// <param name="inputs">H (rows, inputs), filled up with zeros.</param>
    /// <param name="result">E (rows, inputs); filled up with zeros.</param>
    public static void Run<TLanes>(Matrix errors, int rows, LinearWeights layer, Matrix inputs, Matrix result)
        where TLanes : struct, ILanes<TLanes>
    {
        var width = inputs.Stride;
        for (var row = 0; row < rows; row += 5)
        {
            var last = rows - 1; // rows past the last are the last again: the same values at the same place
            var (r1, r2) = (Math.Min(row + 1, last), Math.Min(row + 2, last));
            var (r3, r4) = (Math.Min(row + 3, last), Math.Min(row + 4, last));
            var k = 0;
            if (row == last)
            {
                for (; k < width; k += TLanes.Count)
                    One<TLanes>(errors.Row(row), layer, k, inputs.Row(row), result.Row(row));
                continue;
            }
            for (; k + 2 * TLanes.Count <= width; k += 2 * TLanes.Count)
                Pair<TLanes>(errors, layer, k, inputs, result, (row, r1, r2, r3, r4));
            if (k == width) continue;
            for (var r = row; r <= r4; r++) One<TLanes>(errors.Row(r), layer, k, inputs.Row(r), result.Row(r));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Pair<T>(
        Matrix errors, LinearWeights layer, int k, Matrix inputs, Matrix result,
        (int A, int B, int C, int D, int E) rows)
        where T : struct, ILanes<T>
    {
        float* d0 = errors.Row(rows.A), d1 = errors.Row(rows.B), d2 = errors.Row(rows.C);
        float* d3 = errors.Row(rows.D), d4 = errors.Row(rows.E);
        T a00 = default, a01 = default, a10 = default, a11 = default, a20 = default, a21 = default;
        T a30 = default, a31 = default, a40 = default, a41 = default;
        var w = layer.Weights.Row(0) + k;
        for (nint o = 0; o < layer.Outputs; o++, w += layer.Weights.Stride)
        {
            var (v0, v1, s) = (T.Load(w), T.Load(w + T.Count), T.All(d0[o]));
            a00 = T.MultiplyAdd(s, v0, a00);
            a01 = T.MultiplyAdd(s, v1, a01);
            s = T.All(d1[o]);
            a10 = T.MultiplyAdd(s, v0, a10);
            a11 = T.MultiplyAdd(s, v1, a11);
            s = T.All(d2[o]);
            a20 = T.MultiplyAdd(s, v0, a20);
            a21 = T.MultiplyAdd(s, v1, a21);
            s = T.All(d3[o]);
            a30 = T.MultiplyAdd(s, v0, a30);
            a31 = T.MultiplyAdd(s, v1, a31);
            s = T.All(d4[o]);
            a40 = T.MultiplyAdd(s, v0, a40);
            a41 = T.MultiplyAdd(s, v1, a41);
        }
        Put(a00, a01, inputs.Row(rows.A) + k, result.Row(rows.A) + k);
        Put(a10, a11, inputs.Row(rows.B) + k, result.Row(rows.B) + k);
        Put(a20, a21, inputs.Row(rows.C) + k, result.Row(rows.C) + k);
        Put(a30, a31, inputs.Row(rows.D) + k, result.Row(rows.D) + k);
        Put(a40, a41, inputs.Row(rows.E) + k, result.Row(rows.E) + k);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void One<T>(float* errors, LinearWeights layer, int k, float* inputs, float* result)
        where T : struct, ILanes<T>
    {
        T a = default;
        var w = layer.Weights.Row(0) + k;
        for (nint o = 0; o < layer.Outputs; o++, w += layer.Weights.Stride)
            a = T.MultiplyAdd(T.All(errors[o]), T.Load(w), a);
        T.WherePositive(a, T.Load(inputs + k)).Store(result + k);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<T>(T a, T b, float* inputs, float* result) where T : struct, ILanes<T>
    {
        T.WherePositive(a, T.Load(inputs)).Store(result);
        T.WherePositive(b, T.Load(inputs + T.Count)).Store(result + T.Count);
    }
}
