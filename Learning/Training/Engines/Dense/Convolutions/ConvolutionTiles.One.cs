using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <content>One register of channels for twice 7, 4, 2 pixels and one.</content>
internal static unsafe partial class ConvolutionTiles
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneSeven<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        T a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0, a8 = a0, a9 = a0, a10 = a0, a11 = a0,
            a12 = a0, a13 = a0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += T.Count)
            {
                var v0 = T.Load(w);
                a0 = T.MultiplyAdd(T.All(*p), v0, a0);
                a1 = T.MultiplyAdd(T.All(p[step]), v0, a1);
                a2 = T.MultiplyAdd(T.All(p[2 * step]), v0, a2);
                a3 = T.MultiplyAdd(T.All(p[3 * step]), v0, a3);
                a4 = T.MultiplyAdd(T.All(p[4 * step]), v0, a4);
                a5 = T.MultiplyAdd(T.All(p[5 * step]), v0, a5);
                a6 = T.MultiplyAdd(T.All(p[6 * step]), v0, a6);
                a7 = T.MultiplyAdd(T.All(*q), v0, a7);
                a8 = T.MultiplyAdd(T.All(q[step]), v0, a8);
                a9 = T.MultiplyAdd(T.All(q[2 * step]), v0, a9);
                a10 = T.MultiplyAdd(T.All(q[3 * step]), v0, a10);
                a11 = T.MultiplyAdd(T.All(q[4 * step]), v0, a11);
                a12 = T.MultiplyAdd(T.All(q[5 * step]), v0, a12);
                a13 = T.MultiplyAdd(T.All(q[6 * step]), v0, a13);
            }
        }
        a0.Store(y0);
        a1.Store(y0 + at.OutStep);
        a2.Store(y0 + 2 * at.OutStep);
        a3.Store(y0 + 3 * at.OutStep);
        a4.Store(y0 + 4 * at.OutStep);
        a5.Store(y0 + 5 * at.OutStep);
        a6.Store(y0 + 6 * at.OutStep);
        a7.Store(y1);
        a8.Store(y1 + at.OutStep);
        a9.Store(y1 + 2 * at.OutStep);
        a10.Store(y1 + 3 * at.OutStep);
        a11.Store(y1 + 4 * at.OutStep);
        a12.Store(y1 + 5 * at.OutStep);
        a13.Store(y1 + 6 * at.OutStep);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneFour<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        T a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += T.Count)
            {
                var v0 = T.Load(w);
                a0 = T.MultiplyAdd(T.All(*p), v0, a0);
                a1 = T.MultiplyAdd(T.All(p[step]), v0, a1);
                a2 = T.MultiplyAdd(T.All(p[2 * step]), v0, a2);
                a3 = T.MultiplyAdd(T.All(p[3 * step]), v0, a3);
                a4 = T.MultiplyAdd(T.All(*q), v0, a4);
                a5 = T.MultiplyAdd(T.All(q[step]), v0, a5);
                a6 = T.MultiplyAdd(T.All(q[2 * step]), v0, a6);
                a7 = T.MultiplyAdd(T.All(q[3 * step]), v0, a7);
            }
        }
        a0.Store(y0);
        a1.Store(y0 + at.OutStep);
        a2.Store(y0 + 2 * at.OutStep);
        a3.Store(y0 + 3 * at.OutStep);
        a4.Store(y1);
        a5.Store(y1 + at.OutStep);
        a6.Store(y1 + 2 * at.OutStep);
        a7.Store(y1 + 3 * at.OutStep);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneTwo<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        T a1 = a0, a2 = a0, a3 = a0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += T.Count)
            {
                var v0 = T.Load(w);
                a0 = T.MultiplyAdd(T.All(*p), v0, a0);
                a1 = T.MultiplyAdd(T.All(p[step]), v0, a1);
                a2 = T.MultiplyAdd(T.All(*q), v0, a2);
                a3 = T.MultiplyAdd(T.All(q[step]), v0, a3);
            }
        }
        a0.Store(y0);
        a1.Store(y0 + at.OutStep);
        a2.Store(y1);
        a3.Store(y1 + at.OutStep);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneOne<T, TStep>(in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var step = TStep.Known ? TStep.Floats : at.Step;
        var w = at.Weights;
        var a0 = T.Load(at.Bias);
        T a1 = a0;
        for (var row = 0; row < at.Rows; row++, x0 += at.RowStride, x1 += at.RowStride)
        {
            float* p = x0, q = x1;
            for (var end = p + at.RowLength; p < end; p++, q++, w += T.Count)
            {
                var v0 = T.Load(w);
                a0 = T.MultiplyAdd(T.All(*p), v0, a0);
                a1 = T.MultiplyAdd(T.All(*q), v0, a1);
            }
        }
        a0.Store(y0);
        a1.Store(y1);
    }
}
