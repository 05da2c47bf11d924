using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>The windows that the pixels of a tile look through.</summary>
internal unsafe struct Window
{
    /// <summary>Rows of a window.</summary>
    public int Rows;

    /// <summary>Floats of a window's row, which lie together: pixels times channels.</summary>
    public nint RowLength;

    /// <summary>Floats from row to row of what the windows look at.</summary>
    public nint RowStride;

    /// <summary>Floats between the windows of neighbouring pixels; the type of a known step has them.</summary>
    public nint Step;

    /// <summary>Weights: for each float of the window as many as the tile has channels.</summary>
    public float* Weights;

    /// <summary>What the sums of the tile's channels begin with.</summary>
    public float* Bias;

    /// <summary>Floats between neighbouring pixels of the result.</summary>
    public nint OutStep;
}

/// <summary>
/// A convolution's sums for a tile: two segments of neighbouring pixels, one or two registers of channels each.
/// </summary>
/// <remarks>
/// A sum begins with the bias; then come the products over the rows of the window, its pixels and their channels, in
/// ascending order, each fused. Each sum is one of its own: how many are worked on at once changes no bit. With 32
/// registers of AVX-512 the largest tile keeps 28 sums, 2 weights and a value; with 16 it keeps 14, 1 and a value.
/// </remarks>
internal static unsafe partial class ConvolutionTiles
{
    /// <summary>The length of segments by which a row of pixels is worked out soonest.</summary>
    /// <param name="width">Pixels of the row; those of its last segment overlap the one before where they must.</param>
    public static int SegmentOf(int width)
    {
        var best = 1;
        foreach (var length in (ReadOnlySpan<int>)[2, 4, 7])
            if (length <= width && Cost(width, length) <= Cost(width, best)) best = length;
        return best;
    }

    /// <summary>Works out two segments.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <typeparam name="TStep">Floats between the windows of neighbouring pixels.</typeparam>
    /// <param name="segment">Pixels of a segment: 7, 4, 2 or 1.</param>
    /// <param name="two">Whether the tile has two registers of channels.</param>
    /// <param name="at">The windows.</param>
    /// <param name="x0">The window of the first segment's first pixel.</param>
    /// <param name="x1">The window of the second segment's first pixel.</param>
    /// <param name="y0">Where the first segment's sums go.</param>
    /// <param name="y1">Where the second segment's sums go; may be the same.</param>
    public static void Run<T, TStep>(
        int segment, bool two, in Window at, float* x0, float* x1, float* y0, float* y1)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        switch (segment, two)
        {
            case (7, true): TwoSeven<T, TStep>(at, x0, x1, y0, y1); break;
            case (4, true): TwoFour<T, TStep>(at, x0, x1, y0, y1); break;
            case (2, true): TwoTwo<T, TStep>(at, x0, x1, y0, y1); break;
            case (_, true): TwoOne<T, TStep>(at, x0, x1, y0, y1); break;
            case (7, false): OneSeven<T, TStep>(at, x0, x1, y0, y1); break;
            case (4, false): OneFour<T, TStep>(at, x0, x1, y0, y1); break;
            case (2, false): OneTwo<T, TStep>(at, x0, x1, y0, y1); break;
            case (_, false): OneOne<T, TStep>(at, x0, x1, y0, y1); break;
        }
    }

    /// <summary>Time for a row, in units of a pixel's at best: short tiles wait for their sums.</summary>
    private static int Cost(int width, int length) =>
        (width + length - 1) / length * (length switch { 7 => 70, 4 => 43, 2 => 24, _ => 20 });
}
