using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Convolutions;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>The loops over pixels that norms consist of; all work on one sample, a number for each channel.</summary>
/// <remarks>Sums go over the pixels of a row, and then over the rows' sums, in ascending order.</remarks>
internal static unsafe class NormKernel
{
    /// <summary>s ← s + Σ (x − m)².</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="x">The first pixel of x.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="centre">m, of each channel.</param>
    /// <param name="sums">s, of each channel.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void SumSquares<T>(float* x, in Maps shape, float* centre, float* sums) where T : struct, ILanes<T>
    {
        nint step = shape.Channels, length = shape.Width * step;
        for (nint c = 0; c < step; c += T.Count)
        {
            var sum = T.Load(sums + c);
            var middle = T.Load(centre + c);
            var row = x + c;
            for (var y = 0; y < shape.Height; y++, row += shape.Row)
            {
                T part = default;
                for (nint i = 0; i < length; i += step)
                {
                    var distance = T.Load(row + i) - middle;
                    part = T.MultiplyAdd(distance, distance, part);
                }
                sum += part;
            }
            sum.Store(sums + c);
        }
    }

    /// <summary>y ← a·x + b + z, with ReLU or without.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="x">The first pixel of x.</param>
    /// <param name="from">Shape of x.</param>
    /// <param name="z">The first pixel of z; null for none.</param>
    /// <param name="added">Shape of z.</param>
    /// <param name="y">The first pixel of y.</param>
    /// <param name="to">Shape of y.</param>
    /// <param name="scale">a, of each channel.</param>
    /// <param name="shift">b, of each channel.</param>
    /// <param name="rectify">Whether negative results become zero.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Apply<T>(float* x, in Maps from, float* z, in Maps added, float* y, in Maps to,
        float* scale, float* shift, bool rectify) where T : struct, ILanes<T>
    {
        nint step = to.Channels, length = to.Width * step;
        for (var row = 0; row < to.Height; row++, x += from.Row, y += to.Row)
        {
            for (nint i = 0; i < length; i += step)
                for (nint c = 0; c < step; c += T.Count)
                {
                    var value = T.MultiplyAdd(T.Load(x + i + c), T.Load(scale + c), T.Load(shift + c));
                    if (z is not null) value += T.Load(z + i + c);
                    if (rectify) value = T.Choose(value, default, value, default);
                    value.Store(y + i + c);
                }
            if (z is not null) z += added.Row;
        }
    }

    /// <summary>s ← s + Σ d, t ← t + Σ d·(x − m), and before that d ← 0 where y is not above zero.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="d">The first pixel of d.</param>
    /// <param name="errors">Shape of d.</param>
    /// <param name="y">The first pixel of y; null where d stays as it is.</param>
    /// <param name="values">Shape of y.</param>
    /// <param name="x">The first pixel of x.</param>
    /// <param name="from">Shape of x.</param>
    /// <param name="centre">m, of each channel.</param>
    /// <param name="sums">s and then t, of each channel.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void SumErrors<T>(float* d, in Maps errors, float* y, in Maps values, float* x, in Maps from,
        float* centre, float* sums) where T : struct, ILanes<T>
    {
        nint step = errors.Channels, length = errors.Width * step;
        for (nint c = 0; c < step; c += T.Count)
        {
            T sum = T.Load(sums + c), product = T.Load(sums + step + c);
            var middle = T.Load(centre + c);
            float* dRow = d + c, xRow = x + c, yRow = y + c;
            for (var row = 0; row < errors.Height; row++, dRow += errors.Row, xRow += from.Row, yRow += values.Row)
            {
                T part = default, parts = default;
                for (nint i = 0; i < length; i += step)
                {
                    var error = T.Load(dRow + i);
                    if (y is not null)
                    {
                        error = T.WherePositive(error, T.Load(yRow + i));
                        error.Store(dRow + i);
                    }
                    part += error;
                    parts = T.MultiplyAdd(error, T.Load(xRow + i) - middle, parts);
                }
                sum += part;
                product += parts;
            }
            sum.Store(sums + c);
            product.Store(sums + step + c);
        }
    }

    /// <summary>e ← a·d + b·(x − m) + k.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="d">The first pixel of d.</param>
    /// <param name="errors">Shape of d.</param>
    /// <param name="x">The first pixel of x.</param>
    /// <param name="from">Shape of x.</param>
    /// <param name="e">The first pixel of e.</param>
    /// <param name="to">Shape of e.</param>
    /// <param name="numbers">a, m, b and k, of each channel.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Back<T>(float* d, in Maps errors, float* x, in Maps from, float* e, in Maps to, float* numbers)
        where T : struct, ILanes<T>
    {
        nint step = to.Channels, length = to.Width * step;
        float* scale = numbers, centre = scale + step, slope = centre + step, constant = slope + step;
        for (var row = 0; row < to.Height; row++, d += errors.Row, x += from.Row, e += to.Row)
            for (nint i = 0; i < length; i += step)
                for (nint c = 0; c < step; c += T.Count)
                {
                    var rest = T.MultiplyAdd(
                        T.Load(x + i + c) - T.Load(centre + c), T.Load(slope + c), T.Load(constant + c));
                    T.MultiplyAdd(T.Load(d + i + c), T.Load(scale + c), rest).Store(e + i + c);
                }
    }
}
