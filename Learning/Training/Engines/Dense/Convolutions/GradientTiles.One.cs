using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <content>One register of channels.</content>
internal static unsafe partial class GradientTiles
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneFourteen<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = T.Count;
        T a0 = T.Load(sums), a1 = T.Load(sums + width), a2 = T.Load(sums + 2 * width), a3 = T.Load(sums + 3 * width),
            a4 = T.Load(sums + 4 * width), a5 = T.Load(sums + 5 * width), a6 = T.Load(sums + 6 * width),
            a7 = T.Load(sums + 7 * width), a8 = T.Load(sums + 8 * width), a9 = T.Load(sums + 9 * width),
            a10 = T.Load(sums + 10 * width), a11 = T.Load(sums + 11 * width), a12 = T.Load(sums + 12 * width),
            a13 = T.Load(sums + 13 * width);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var v0 = T.Load(d);
                    a0 = T.MultiplyAdd(T.All(p[0]), v0, a0);
                    a1 = T.MultiplyAdd(T.All(p[1]), v0, a1);
                    a2 = T.MultiplyAdd(T.All(p[2]), v0, a2);
                    a3 = T.MultiplyAdd(T.All(p[3]), v0, a3);
                    a4 = T.MultiplyAdd(T.All(p[4]), v0, a4);
                    a5 = T.MultiplyAdd(T.All(p[5]), v0, a5);
                    a6 = T.MultiplyAdd(T.All(p[6]), v0, a6);
                    a7 = T.MultiplyAdd(T.All(p[7]), v0, a7);
                    a8 = T.MultiplyAdd(T.All(p[8]), v0, a8);
                    a9 = T.MultiplyAdd(T.All(p[9]), v0, a9);
                    a10 = T.MultiplyAdd(T.All(p[10]), v0, a10);
                    a11 = T.MultiplyAdd(T.All(p[11]), v0, a11);
                    a12 = T.MultiplyAdd(T.All(p[12]), v0, a12);
                    a13 = T.MultiplyAdd(T.All(p[13]), v0, a13);
                }
            }
        }
        a0.Store(sums);
        a1.Store(sums + width);
        a2.Store(sums + 2 * width);
        a3.Store(sums + 3 * width);
        a4.Store(sums + 4 * width);
        a5.Store(sums + 5 * width);
        a6.Store(sums + 6 * width);
        a7.Store(sums + 7 * width);
        a8.Store(sums + 8 * width);
        a9.Store(sums + 9 * width);
        a10.Store(sums + 10 * width);
        a11.Store(sums + 11 * width);
        a12.Store(sums + 12 * width);
        a13.Store(sums + 13 * width);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneFour<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = T.Count;
        T a0 = T.Load(sums), a1 = T.Load(sums + width), a2 = T.Load(sums + 2 * width), a3 = T.Load(sums + 3 * width);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var v0 = T.Load(d);
                    a0 = T.MultiplyAdd(T.All(p[0]), v0, a0);
                    a1 = T.MultiplyAdd(T.All(p[1]), v0, a1);
                    a2 = T.MultiplyAdd(T.All(p[2]), v0, a2);
                    a3 = T.MultiplyAdd(T.All(p[3]), v0, a3);
                }
            }
        }
        a0.Store(sums);
        a1.Store(sums + width);
        a2.Store(sums + 2 * width);
        a3.Store(sums + 3 * width);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void OneOne<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = T.Count;
        T a0 = T.Load(sums);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var v0 = T.Load(d);
                    a0 = T.MultiplyAdd(T.All(p[0]), v0, a0);
                }
            }
        }
        a0.Store(sums);
    }
}
