using System.Runtime.CompilerServices;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>G = Dᵀ·X and its sums for the bias, handed to their use without going through memory.</summary>
/// <remarks>Each value is a sum over the rows of the batch in ascending order, every step fused.</remarks>
internal static unsafe class GradientKernel
{
    // A part of X stays in the first-level cache while all outputs go over it.
    private const int CacheFloats = 4096;

    /// <summary>Works out the gradient of a layer.</summary>
    /// <typeparam name="TLanes">Registers to use.</typeparam>
    /// <typeparam name="TUse">What becomes of it.</typeparam>
    /// <param name="errors">D (rows, outputs), filled up with zeros.</param>
    /// <param name="inputs">X (rows, inputs), filled up with zeros.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="memory">Start of the network's memory, from which offsets count.</param>
    /// <param name="use">Takes the sums.</param>
    public static void Run<TLanes, TUse>(
        Matrix errors, Matrix inputs, int rows, LinearWeights layer, nint memory, TUse use)
        where TLanes : struct, ILanes<TLanes> where TUse : struct, IGradientUse<TLanes>
    {
        Biases<TLanes, TUse>(errors, rows, (nint)((float*)layer.Bias.Start - (float*)memory), use);
        var (width, offset) = (inputs.Stride, (nint)((float*)layer.Weights.Start - (float*)memory));
        var part = Math.Max(4 * Padded.Unit, CacheFloats / rows / (4 * Padded.Unit) * (4 * Padded.Unit));
        for (var from = 0; from < width; from += part)
        {
            var to = Math.Min(width, from + part);
            var o = 0;
            for (; o + 4 <= layer.Outputs; o += 4)
                Four<TLanes, TUse>(errors.Row(0) + o, errors.Stride, inputs, rows, (from, to),
                    offset + (nint)o * width, use);
            for (; o < layer.Outputs; o++)
                One<TLanes, TUse>(errors.Row(0) + o, errors.Stride, inputs, rows, (from, to),
                    offset + (nint)o * width, use);
        }
    }

    internal static void Biases<T, TUse>(Matrix errors, int rows, nint offset, TUse use)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        for (nint o = 0; o < errors.Stride; o += T.Count)
        {
            var sum = use.Begin(offset + o);
            for (var row = 0; row < rows; row++) sum += T.Load(errors.Row(row) + o);
            use.End(sum, offset + o);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Four<T, TUse>(
        float* errors, int stride, Matrix inputs, int rows, (int From, int To) columns, nint offset, TUse use)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        nint width = inputs.Stride, k = columns.From, to = columns.To;
        for (; k + 2 * T.Count <= to; k += 2 * T.Count)
        {
            var (a0, b0) = (use.Begin(offset + k), use.Begin(offset + k + T.Count));
            var (a1, b1) = (use.Begin(offset + k + width), use.Begin(offset + k + width + T.Count));
            var (a2, b2) = (use.Begin(offset + k + 2 * width), use.Begin(offset + k + 2 * width + T.Count));
            var (a3, b3) = (use.Begin(offset + k + 3 * width), use.Begin(offset + k + 3 * width + T.Count));
            float* x = inputs.Row(0) + k, d = errors;
            for (var row = 0; row < rows; row++, x += width, d += stride)
            {
                var (u, v, s) = (T.Load(x), T.Load(x + T.Count), T.All(d[0]));
                a0 = T.MultiplyAdd(s, u, a0);
                b0 = T.MultiplyAdd(s, v, b0);
                s = T.All(d[1]);
                a1 = T.MultiplyAdd(s, u, a1);
                b1 = T.MultiplyAdd(s, v, b1);
                s = T.All(d[2]);
                a2 = T.MultiplyAdd(s, u, a2);
                b2 = T.MultiplyAdd(s, v, b2);
                s = T.All(d[3]);
                a3 = T.MultiplyAdd(s, u, a3);
                b3 = T.MultiplyAdd(s, v, b3);
            }
            use.End(a0, offset + k);
            use.End(b0, offset + k + T.Count);
            use.End(a1, offset + k + width);
            use.End(b1, offset + k + width + T.Count);
            use.End(a2, offset + k + 2 * width);
            use.End(b2, offset + k + 2 * width + T.Count);
            use.End(a3, offset + k + 3 * width);
            use.End(b3, offset + k + 3 * width + T.Count);
        }
        for (; k < to; k += T.Count)
        {
            var (a0, a1) = (use.Begin(offset + k), use.Begin(offset + k + width));
            var (a2, a3) = (use.Begin(offset + k + 2 * width), use.Begin(offset + k + 3 * width));
            float* x = inputs.Row(0) + k, d = errors;
            for (var row = 0; row < rows; row++, x += width, d += stride)
            {
                var u = T.Load(x);
                a0 = T.MultiplyAdd(T.All(d[0]), u, a0);
                a1 = T.MultiplyAdd(T.All(d[1]), u, a1);
                a2 = T.MultiplyAdd(T.All(d[2]), u, a2);
                a3 = T.MultiplyAdd(T.All(d[3]), u, a3);
            }
            use.End(a0, offset + k);
            use.End(a1, offset + k + width);
            use.End(a2, offset + k + 2 * width);
            use.End(a3, offset + k + 3 * width);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void One<T, TUse>(
        float* errors, int stride, Matrix inputs, int rows, (int From, int To) columns, nint offset, TUse use)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        nint width = inputs.Stride, k = columns.From;
        for (; k < columns.To; k += T.Count)
        {
            var a = use.Begin(offset + k);
            float* x = inputs.Row(0) + k, d = errors;
            for (var row = 0; row < rows; row++, x += width, d += stride) a = T.MultiplyAdd(T.All(d[0]), T.Load(x), a);
            use.End(a, offset + k);
        }
    }
}
