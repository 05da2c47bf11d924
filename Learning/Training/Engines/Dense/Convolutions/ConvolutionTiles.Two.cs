using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <content>Two registers of channels for twice 7, 4, 2 pixels and one.</content>
internal static unsafe partial class ConvolutionTiles
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoSeven<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        var b0 = T.Load(at.Bias + T.Count);
        T a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0, a4 = a0, b4 = b0, a5 = a0, b5 = b0, a6 = a0, b6 = b0,
            a7 = a0, b7 = b0, a8 = a0, b8 = b0, a9 = a0, b9 = b0, a10 = a0, b10 = b0, a11 = a0, b11 = b0, a12 = a0,
            b12 = b0, a13 = a0, b13 = b0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += 2 * T.Count)
            {
                var (v0, v1) = (T.Load(w), T.Load(w + T.Count));
                var u = T.All(*p);
                a0 = T.MultiplyAdd(u, v0, a0);
                b0 = T.MultiplyAdd(u, v1, b0);
                u = T.All(p[step]);
                a1 = T.MultiplyAdd(u, v0, a1);
                b1 = T.MultiplyAdd(u, v1, b1);
                u = T.All(p[2 * step]);
                a2 = T.MultiplyAdd(u, v0, a2);
                b2 = T.MultiplyAdd(u, v1, b2);
                u = T.All(p[3 * step]);
                a3 = T.MultiplyAdd(u, v0, a3);
                b3 = T.MultiplyAdd(u, v1, b3);
                u = T.All(p[4 * step]);
                a4 = T.MultiplyAdd(u, v0, a4);
                b4 = T.MultiplyAdd(u, v1, b4);
                u = T.All(p[5 * step]);
                a5 = T.MultiplyAdd(u, v0, a5);
                b5 = T.MultiplyAdd(u, v1, b5);
                u = T.All(p[6 * step]);
                a6 = T.MultiplyAdd(u, v0, a6);
                b6 = T.MultiplyAdd(u, v1, b6);
                u = T.All(*q);
                a7 = T.MultiplyAdd(u, v0, a7);
                b7 = T.MultiplyAdd(u, v1, b7);
                u = T.All(q[step]);
                a8 = T.MultiplyAdd(u, v0, a8);
                b8 = T.MultiplyAdd(u, v1, b8);
                u = T.All(q[2 * step]);
                a9 = T.MultiplyAdd(u, v0, a9);
                b9 = T.MultiplyAdd(u, v1, b9);
                u = T.All(q[3 * step]);
                a10 = T.MultiplyAdd(u, v0, a10);
                b10 = T.MultiplyAdd(u, v1, b10);
                u = T.All(q[4 * step]);
                a11 = T.MultiplyAdd(u, v0, a11);
                b11 = T.MultiplyAdd(u, v1, b11);
                u = T.All(q[5 * step]);
                a12 = T.MultiplyAdd(u, v0, a12);
                b12 = T.MultiplyAdd(u, v1, b12);
                u = T.All(q[6 * step]);
                a13 = T.MultiplyAdd(u, v0, a13);
                b13 = T.MultiplyAdd(u, v1, b13);
            }
        }
        a0.Store(y0);
        b0.Store(y0 + T.Count);
        a1.Store(y0 + at.OutStep);
        b1.Store(y0 + at.OutStep + T.Count);
        a2.Store(y0 + 2 * at.OutStep);
        b2.Store(y0 + 2 * at.OutStep + T.Count);
        a3.Store(y0 + 3 * at.OutStep);
        b3.Store(y0 + 3 * at.OutStep + T.Count);
        a4.Store(y0 + 4 * at.OutStep);
        b4.Store(y0 + 4 * at.OutStep + T.Count);
        a5.Store(y0 + 5 * at.OutStep);
        b5.Store(y0 + 5 * at.OutStep + T.Count);
        a6.Store(y0 + 6 * at.OutStep);
        b6.Store(y0 + 6 * at.OutStep + T.Count);
        a7.Store(y1);
        b7.Store(y1 + T.Count);
        a8.Store(y1 + at.OutStep);
        b8.Store(y1 + at.OutStep + T.Count);
        a9.Store(y1 + 2 * at.OutStep);
        b9.Store(y1 + 2 * at.OutStep + T.Count);
        a10.Store(y1 + 3 * at.OutStep);
        b10.Store(y1 + 3 * at.OutStep + T.Count);
        a11.Store(y1 + 4 * at.OutStep);
        b11.Store(y1 + 4 * at.OutStep + T.Count);
        a12.Store(y1 + 5 * at.OutStep);
        b12.Store(y1 + 5 * at.OutStep + T.Count);
        a13.Store(y1 + 6 * at.OutStep);
        b13.Store(y1 + 6 * at.OutStep + T.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoFour<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        var b0 = T.Load(at.Bias + T.Count);
        T a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0, a4 = a0, b4 = b0, a5 = a0, b5 = b0, a6 = a0, b6 = b0,
            a7 = a0, b7 = b0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += 2 * T.Count)
            {
                var (v0, v1) = (T.Load(w), T.Load(w + T.Count));
                var u = T.All(*p);
                a0 = T.MultiplyAdd(u, v0, a0);
                b0 = T.MultiplyAdd(u, v1, b0);
                u = T.All(p[step]);
                a1 = T.MultiplyAdd(u, v0, a1);
                b1 = T.MultiplyAdd(u, v1, b1);
                u = T.All(p[2 * step]);
                a2 = T.MultiplyAdd(u, v0, a2);
                b2 = T.MultiplyAdd(u, v1, b2);
                u = T.All(p[3 * step]);
                a3 = T.MultiplyAdd(u, v0, a3);
                b3 = T.MultiplyAdd(u, v1, b3);
                u = T.All(*q);
                a4 = T.MultiplyAdd(u, v0, a4);
                b4 = T.MultiplyAdd(u, v1, b4);
                u = T.All(q[step]);
                a5 = T.MultiplyAdd(u, v0, a5);
                b5 = T.MultiplyAdd(u, v1, b5);
                u = T.All(q[2 * step]);
                a6 = T.MultiplyAdd(u, v0, a6);
                b6 = T.MultiplyAdd(u, v1, b6);
                u = T.All(q[3 * step]);
                a7 = T.MultiplyAdd(u, v0, a7);
                b7 = T.MultiplyAdd(u, v1, b7);
            }
        }
        a0.Store(y0);
        b0.Store(y0 + T.Count);
        a1.Store(y0 + at.OutStep);
        b1.Store(y0 + at.OutStep + T.Count);
        a2.Store(y0 + 2 * at.OutStep);
        b2.Store(y0 + 2 * at.OutStep + T.Count);
        a3.Store(y0 + 3 * at.OutStep);
        b3.Store(y0 + 3 * at.OutStep + T.Count);
        a4.Store(y1);
        b4.Store(y1 + T.Count);
        a5.Store(y1 + at.OutStep);
        b5.Store(y1 + at.OutStep + T.Count);
        a6.Store(y1 + 2 * at.OutStep);
        b6.Store(y1 + 2 * at.OutStep + T.Count);
        a7.Store(y1 + 3 * at.OutStep);
        b7.Store(y1 + 3 * at.OutStep + T.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoTwo<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        var b0 = T.Load(at.Bias + T.Count);
        T a1 = a0, b1 = b0, a2 = a0, b2 = b0, a3 = a0, b3 = b0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += 2 * T.Count)
            {
                var (v0, v1) = (T.Load(w), T.Load(w + T.Count));
                var u = T.All(*p);
                a0 = T.MultiplyAdd(u, v0, a0);
                b0 = T.MultiplyAdd(u, v1, b0);
                u = T.All(p[step]);
                a1 = T.MultiplyAdd(u, v0, a1);
                b1 = T.MultiplyAdd(u, v1, b1);
                u = T.All(*q);
                a2 = T.MultiplyAdd(u, v0, a2);
                b2 = T.MultiplyAdd(u, v1, b2);
                u = T.All(q[step]);
                a3 = T.MultiplyAdd(u, v0, a3);
                b3 = T.MultiplyAdd(u, v1, b3);
            }
        }
        a0.Store(y0);
        b0.Store(y0 + T.Count);
        a1.Store(y0 + at.OutStep);
        b1.Store(y0 + at.OutStep + T.Count);
        a2.Store(y1);
        b2.Store(y1 + T.Count);
        a3.Store(y1 + at.OutStep);
        b3.Store(y1 + at.OutStep + T.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoOne<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        var b0 = T.Load(at.Bias + T.Count);
        T a1 = a0, b1 = b0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += 2 * T.Count)
            {
                var (v0, v1) = (T.Load(w), T.Load(w + T.Count));
                var u = T.All(*p);
                a0 = T.MultiplyAdd(u, v0, a0);
                b0 = T.MultiplyAdd(u, v1, b0);
                u = T.All(*q);
                a1 = T.MultiplyAdd(u, v0, a1);
                b1 = T.MultiplyAdd(u, v1, b1);
            }
        }
        a0.Store(y0);
        b0.Store(y0 + T.Count);
        a1.Store(y1);
        b1.Store(y1 + T.Count);
    }
}
