using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>Pixels over which the gradient of a filter is summed.</summary>
internal struct Sweep
{
    /// <summary>Samples, rows of pixels and pixels of a row.</summary>
    public int Images, Rows, Columns;

    /// <summary>Floats from sample to sample, row to row, and window to window of what the layer took in.</summary>
    public nint InImage, InRow, InStep;

    /// <summary>Floats from sample to sample, row to row, and pixel to pixel of the errors.</summary>
    public nint OutImage, OutRow, OutStep;
}

/// <summary>
/// The gradient of some weights of a filter: 14, 4 or 1 neighbouring floats of the window times one or two registers
/// of channels.
/// </summary>
/// <remarks>
/// A sum goes on from what is there, over samples, rows and columns in ascending order, each product fused. Each is a
/// sum of its own: how many are worked on at once changes no bit.
/// </remarks>
internal static unsafe partial class GradientTiles
{
    /// <summary>Adds the gradient of neighbouring floats of the window.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="at">The pixels.</param>
    /// <param name="two">Whether there are two registers of channels.</param>
    /// <param name="count">How many floats of the window.</param>
    /// <param name="x">The first of them, in the window of the first pixel.</param>
    /// <param name="errors">The errors of the first pixel.</param>
    /// <param name="sums">Where the sums are: for each float of the window those of the channels.</param>
    public static void Run<T>(in Sweep at, bool two, int count, float* x, float* errors, float* sums)
        where T : struct, ILanes<T>
    {
        var width = two ? 2 * T.Count : T.Count;
        for (var i = 0; i < count;)
        {
            var size = SizeOf(count - i);
            switch (size, two)
            {
                case (14, true): TwoFourteen<T>(at, x + i, errors, sums + i * width); break;
                case (4, true): TwoFour<T>(at, x + i, errors, sums + i * width); break;
                case (_, true): TwoOne<T>(at, x + i, errors, sums + i * width); break;
                case (14, false): OneFourteen<T>(at, x + i, errors, sums + i * width); break;
                case (4, false): OneFour<T>(at, x + i, errors, sums + i * width); break;
                case (_, false): OneOne<T>(at, x + i, errors, sums + i * width); break;
            }
            i += size;
        }
    }

    /// <summary>The next tile: fours where they then leave nothing over, as tiles of one wait for sums.</summary>
    private static int SizeOf(int left) =>
        left >= 14 && (left - 14) % 14 % 4 <= left % 4 || left >= 42 ? 14 : left >= 4 ? 4 : 1;
}
