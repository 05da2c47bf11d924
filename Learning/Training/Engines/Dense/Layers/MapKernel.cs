using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>What is done to each float of maps for itself. All maps of a call have the same rows and frames.</summary>
internal static unsafe class MapKernel
{
    /// <summary>y ← y + x.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="x">The first pixel of x.</param>
    /// <param name="y">The first pixel of y.</param>
    /// <param name="shape">Their shape.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(float* x, float* y, in Maps shape) where T : struct, ILanes<T>
    {
        nint length = shape.Width * shape.Channels;
        for (var row = 0; row < shape.Height; row++, x += shape.Row, y += shape.Row)
            for (nint i = 0; i < length; i += T.Count) (T.Load(x + i) + T.Load(y + i)).Store(y + i);
    }

    /// <summary>y ← max(0, y); NaN stays NaN.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="y">The first pixel.</param>
    /// <param name="shape">The shape.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Rectify<T>(float* y, in Maps shape) where T : struct, ILanes<T>
    {
        nint length = shape.Width * shape.Channels;
        for (var row = 0; row < shape.Height; row++, y += shape.Row)
            for (nint i = 0; i < length; i += T.Count)
            {
                var value = T.Load(y + i);
                T.Choose(value, default, value, default).Store(y + i);
            }
    }

    /// <summary>d ← d where y is above zero, else 0.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="y">The first pixel of y.</param>
    /// <param name="values">Shape of y.</param>
    /// <param name="d">The first pixel of d.</param>
    /// <param name="errors">Shape of d, which may have another frame.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void KeepPositive<T>(float* y, in Maps values, float* d, in Maps errors) where T : struct, ILanes<T>
    {
        nint length = values.Width * values.Channels;
        for (var row = 0; row < values.Height; row++, y += values.Row, d += errors.Row)
            for (nint i = 0; i < length; i += T.Count)
                T.WherePositive(T.Load(d + i), T.Load(y + i)).Store(d + i);
    }

    /// <summary>s ← s + Σ d over the pixels: row by row, and the rows' sums one after the other.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="d">The first pixel of d.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="sums">A sum for each channel.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void SumPixels<T>(float* d, in Maps shape, float* sums) where T : struct, ILanes<T>
    {
        nint step = shape.Channels, length = shape.Width * step;
        for (nint c = 0; c < step; c += T.Count)
        {
            var sum = T.Load(sums + c);
            var row = d + c;
            for (var y = 0; y < shape.Height; y++, row += shape.Row)
            {
                T part = default;
                for (nint x = 0; x < length; x += step) part += T.Load(row + x);
                sum += part;
            }
            sum.Store(sums + c);
        }
    }
}
