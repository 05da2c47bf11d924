using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <content>Two registers of channels.</content>
internal static unsafe partial class GradientTiles
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoFourteen<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = 2 * T.Count;
        T a0 = T.Load(sums), b0 = T.Load(sums + T.Count), a1 = T.Load(sums + width),
            b1 = T.Load(sums + width + T.Count), a2 = T.Load(sums + 2 * width),
            b2 = T.Load(sums + 2 * width + T.Count), a3 = T.Load(sums + 3 * width),
            b3 = T.Load(sums + 3 * width + T.Count), a4 = T.Load(sums + 4 * width),
            b4 = T.Load(sums + 4 * width + T.Count), a5 = T.Load(sums + 5 * width),
            b5 = T.Load(sums + 5 * width + T.Count), a6 = T.Load(sums + 6 * width),
            b6 = T.Load(sums + 6 * width + T.Count), a7 = T.Load(sums + 7 * width),
            b7 = T.Load(sums + 7 * width + T.Count), a8 = T.Load(sums + 8 * width),
            b8 = T.Load(sums + 8 * width + T.Count), a9 = T.Load(sums + 9 * width),
            b9 = T.Load(sums + 9 * width + T.Count), a10 = T.Load(sums + 10 * width),
            b10 = T.Load(sums + 10 * width + T.Count), a11 = T.Load(sums + 11 * width),
            b11 = T.Load(sums + 11 * width + T.Count), a12 = T.Load(sums + 12 * width),
            b12 = T.Load(sums + 12 * width + T.Count), a13 = T.Load(sums + 13 * width),
            b13 = T.Load(sums + 13 * width + T.Count);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var (v0, v1) = (T.Load(d), T.Load(d + T.Count));
                    var u = T.All(p[0]);
                    a0 = T.MultiplyAdd(u, v0, a0);
                    b0 = T.MultiplyAdd(u, v1, b0);
                    u = T.All(p[1]);
                    a1 = T.MultiplyAdd(u, v0, a1);
                    b1 = T.MultiplyAdd(u, v1, b1);
                    u = T.All(p[2]);
                    a2 = T.MultiplyAdd(u, v0, a2);
                    b2 = T.MultiplyAdd(u, v1, b2);
                    u = T.All(p[3]);
                    a3 = T.MultiplyAdd(u, v0, a3);
                    b3 = T.MultiplyAdd(u, v1, b3);
                    u = T.All(p[4]);
                    a4 = T.MultiplyAdd(u, v0, a4);
                    b4 = T.MultiplyAdd(u, v1, b4);
                    u = T.All(p[5]);
                    a5 = T.MultiplyAdd(u, v0, a5);
                    b5 = T.MultiplyAdd(u, v1, b5);
                    u = T.All(p[6]);
                    a6 = T.MultiplyAdd(u, v0, a6);
                    b6 = T.MultiplyAdd(u, v1, b6);
                    u = T.All(p[7]);
                    a7 = T.MultiplyAdd(u, v0, a7);
                    b7 = T.MultiplyAdd(u, v1, b7);
                    u = T.All(p[8]);
                    a8 = T.MultiplyAdd(u, v0, a8);
                    b8 = T.MultiplyAdd(u, v1, b8);
                    u = T.All(p[9]);
                    a9 = T.MultiplyAdd(u, v0, a9);
                    b9 = T.MultiplyAdd(u, v1, b9);
                    u = T.All(p[10]);
                    a10 = T.MultiplyAdd(u, v0, a10);
                    b10 = T.MultiplyAdd(u, v1, b10);
                    u = T.All(p[11]);
                    a11 = T.MultiplyAdd(u, v0, a11);
                    b11 = T.MultiplyAdd(u, v1, b11);
                    u = T.All(p[12]);
                    a12 = T.MultiplyAdd(u, v0, a12);
                    b12 = T.MultiplyAdd(u, v1, b12);
                    u = T.All(p[13]);
                    a13 = T.MultiplyAdd(u, v0, a13);
                    b13 = T.MultiplyAdd(u, v1, b13);
                }
            }
        }
        a0.Store(sums);
        b0.Store(sums + T.Count);
        a1.Store(sums + width);
        b1.Store(sums + width + T.Count);
        a2.Store(sums + 2 * width);
        b2.Store(sums + 2 * width + T.Count);
        a3.Store(sums + 3 * width);
        b3.Store(sums + 3 * width + T.Count);
        a4.Store(sums + 4 * width);
        b4.Store(sums + 4 * width + T.Count);
        a5.Store(sums + 5 * width);
        b5.Store(sums + 5 * width + T.Count);
        a6.Store(sums + 6 * width);
        b6.Store(sums + 6 * width + T.Count);
        a7.Store(sums + 7 * width);
        b7.Store(sums + 7 * width + T.Count);
        a8.Store(sums + 8 * width);
        b8.Store(sums + 8 * width + T.Count);
        a9.Store(sums + 9 * width);
        b9.Store(sums + 9 * width + T.Count);
        a10.Store(sums + 10 * width);
        b10.Store(sums + 10 * width + T.Count);
        a11.Store(sums + 11 * width);
        b11.Store(sums + 11 * width + T.Count);
        a12.Store(sums + 12 * width);
        b12.Store(sums + 12 * width + T.Count);
        a13.Store(sums + 13 * width);
        b13.Store(sums + 13 * width + T.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoFour<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = 2 * T.Count;
        T a0 = T.Load(sums), b0 = T.Load(sums + T.Count), a1 = T.Load(sums + width),
            b1 = T.Load(sums + width + T.Count), a2 = T.Load(sums + 2 * width),
            b2 = T.Load(sums + 2 * width + T.Count), a3 = T.Load(sums + 3 * width),
            b3 = T.Load(sums + 3 * width + T.Count);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var (v0, v1) = (T.Load(d), T.Load(d + T.Count));
                    var u = T.All(p[0]);
                    a0 = T.MultiplyAdd(u, v0, a0);
                    b0 = T.MultiplyAdd(u, v1, b0);
                    u = T.All(p[1]);
                    a1 = T.MultiplyAdd(u, v0, a1);
                    b1 = T.MultiplyAdd(u, v1, b1);
                    u = T.All(p[2]);
                    a2 = T.MultiplyAdd(u, v0, a2);
                    b2 = T.MultiplyAdd(u, v1, b2);
                    u = T.All(p[3]);
                    a3 = T.MultiplyAdd(u, v0, a3);
                    b3 = T.MultiplyAdd(u, v1, b3);
                }
            }
        }
        a0.Store(sums);
        b0.Store(sums + T.Count);
        a1.Store(sums + width);
        b1.Store(sums + width + T.Count);
        a2.Store(sums + 2 * width);
        b2.Store(sums + 2 * width + T.Count);
        a3.Store(sums + 3 * width);
        b3.Store(sums + 3 * width + T.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void TwoOne<T>(in Sweep at, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        nint width = 2 * T.Count;
        T a0 = T.Load(sums), b0 = T.Load(sums + T.Count);
        for (var image = 0; image < at.Images; image++, x += at.InImage, errors += at.OutImage)
        {
            float* inRow = x, outRow = errors;
            for (var row = 0; row < at.Rows; row++, inRow += at.InRow, outRow += at.OutRow)
            {
                float* p = inRow, d = outRow;
                for (var column = 0; column < at.Columns; column++, p += at.InStep, d += at.OutStep)
                {
                    var (v0, v1) = (T.Load(d), T.Load(d + T.Count));
                    var u = T.All(p[0]);
                    a0 = T.MultiplyAdd(u, v0, a0);
                    b0 = T.MultiplyAdd(u, v1, b0);
                }
            }
        }
        a0.Store(sums);
        b0.Store(sums + T.Count);
    }
}
