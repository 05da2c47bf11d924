using System.Runtime.CompilerServices;

namespace Orleans.FL.Learning.Training.Engines.Dense.Kernels;

/// <summary>
/// E = D·W and G = Dᵀ·X in one pass over W, the gradient handed to its use without going through memory: for layers
/// whose weights are too many for the caches.
/// </summary>
/// <remarks>
/// E sums over outputs, G over rows as in <see cref="GradientKernel"/>, each in ascending order, every step fused.
/// </remarks>
internal static unsafe class BackwardKernel
{
    // Parts of X and E that stay in the first-level cache while all outputs go over them.
    private const int CacheFloats = 8192;

    /// <summary>Works out the errors of a layer's inputs and its gradient.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <typeparam name="TUse">What becomes of the gradient.</typeparam>
    /// <param name="errors">D (rows, outputs), filled up with zeros.</param>
    /// <param name="inputs">X (rows, inputs), filled up with zeros.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="layer">W, as it is before the gradient is used.</param>
    /// <param name="memory">Start of the network's memory, from which offsets count.</param>
    /// <param name="result">E (rows, inputs).</param>
    /// <param name="use">Takes the gradient.</param>
    /// <param name="mask">Whether E is 0 where X is not above zero: where X has come through ReLU.</param>
    public static void Run<T, TUse>(Matrix errors, Matrix inputs, int rows, LinearWeights layer, nint memory,
        Matrix result, TUse use, bool mask = false)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        GradientKernel.Biases<T, TUse>(errors, rows, (nint)((float*)layer.Bias.Start - (float*)memory), use);
        result.Rows(rows).Clear();
        var width = inputs.Stride;
        var part = Math.Max(2 * Padded.Unit, CacheFloats / (2 * rows) / (2 * Padded.Unit) * (2 * Padded.Unit));
        for (var from = 0; from < width; from += part)
        {
            var to = Math.Min(width, from + part);
            var o = 0;
            for (; o + 4 <= layer.Outputs; o += 4)
                Four<T, TUse>(errors, inputs, rows, (from, to), o, layer.Row(o), memory, result, use);
            for (; o < layer.Outputs; o++)
                One<T, TUse>(errors, inputs, rows, (from, to), o, layer.Row(o), memory, result, use);
        }
        if (mask) KeepPositive<T>(inputs, result, rows);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Four<T, TUse>(Matrix errors, Matrix inputs, int rows, (int From, int To) columns, int output,
        float* weights, nint memory, Matrix result, TUse use)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        nint width = inputs.Stride, offset = (nint)(weights - (float*)memory);
        for (nint k = columns.From; k < columns.To; k += T.Count)
        {
            var w = weights + k;
            T w0 = T.Load(w), w1 = T.Load(w + width), w2 = T.Load(w + 2 * width), w3 = T.Load(w + 3 * width);
            T g0 = use.Begin(offset + k), g1 = use.Begin(offset + k + width);
            T g2 = use.Begin(offset + k + 2 * width), g3 = use.Begin(offset + k + 3 * width);
            float* x = inputs.Row(0) + k, e = result.Row(0) + k, d = errors.Row(0) + output;
            for (var row = 0; row < rows; row++, x += width, e += width, d += errors.Stride)
            {
                var (input, error) = (T.Load(x), T.Load(e));
                var s = T.All(d[0]);
                g0 = T.MultiplyAdd(s, input, g0);
                error = T.MultiplyAdd(s, w0, error);
                s = T.All(d[1]);
                g1 = T.MultiplyAdd(s, input, g1);
                error = T.MultiplyAdd(s, w1, error);
                s = T.All(d[2]);
                g2 = T.MultiplyAdd(s, input, g2);
                error = T.MultiplyAdd(s, w2, error);
                s = T.All(d[3]);
                g3 = T.MultiplyAdd(s, input, g3);
                T.MultiplyAdd(s, w3, error).Store(e);
            }
            use.End(g0, offset + k);
            use.End(g1, offset + k + width);
            use.End(g2, offset + k + 2 * width);
            use.End(g3, offset + k + 3 * width);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void One<T, TUse>(Matrix errors, Matrix inputs, int rows, (int From, int To) columns, int output,
        float* weights, nint memory, Matrix result, TUse use)
        where T : struct, ILanes<T> where TUse : struct, IGradientUse<T>
    {
        nint width = inputs.Stride, offset = (nint)(weights - (float*)memory);
        for (nint k = columns.From; k < columns.To; k += T.Count)
        {
            var (w, g) = (T.Load(weights + k), use.Begin(offset + k));
            float* x = inputs.Row(0) + k, e = result.Row(0) + k, d = errors.Row(0) + output;
            for (var row = 0; row < rows; row++, x += width, e += width, d += errors.Stride)
            {
                var s = T.All(*d);
                g = T.MultiplyAdd(s, T.Load(x), g);
                T.MultiplyAdd(s, w, T.Load(e)).Store(e);
            }
            use.End(g, offset + k);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void KeepPositive<T>(Matrix values, Matrix errors, int rows) where T : struct, ILanes<T>
    {
        float* x = values.Row(0), e = errors.Row(0);
        for (nint i = 0; i < (nint)rows * values.Stride; i += T.Count)
            T.WherePositive(T.Load(e + i), T.Load(x + i)).Store(e + i);
    }
}
