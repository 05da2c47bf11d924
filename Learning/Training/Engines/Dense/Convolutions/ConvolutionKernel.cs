using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>
/// A convolution as the kernel does it: for each pixel of a grid the sums over a window, one for each channel.
/// </summary>
/// <remarks>It is a layer's forward pass, or a part of its way back, which is a convolution of the errors.</remarks>
internal unsafe struct Correlation
{
    /// <summary>The window of the grid's first pixel, of the first sample.</summary>
    public float* In;

    /// <summary>Floats from sample to sample, from row to row of a window, and from row to row of the grid.</summary>
    public nint InSample, InRow, InGridRow;

    /// <summary>Floats between the windows of neighbouring pixels.</summary>
    public nint InStep;

    /// <summary>Rows of a window.</summary>
    public int Rows;

    /// <summary>Floats of a window's row.</summary>
    public nint RowLength;

    /// <summary>The first pixel of the grid in the result, of the first sample.</summary>
    public float* Out;

    /// <summary>Floats from sample to sample, from row to row and from pixel to pixel of the grid.</summary>
    public nint OutSample, OutGridRow, OutStep;

    /// <summary>Rows and columns of the grid.</summary>
    public int Height, Width;

    /// <summary>Channels of the result, a multiple of 16.</summary>
    public int Channels;

    /// <summary>Weights in panels: see <see cref="FilterPanels"/>.</summary>
    public float* Weights;

    /// <summary>What sums begin with, one for each channel.</summary>
    public float* Bias;
}

/// <summary>Works out convolutions, tile after tile.</summary>
internal static unsafe class ConvolutionKernel
{
    /// <summary>Works out a convolution of some samples.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="at">The convolution.</param>
    /// <param name="samples">How many samples.</param>
    public static void Run<T>(in Correlation at, int samples) where T : struct, ILanes<T>
    {
        switch (at.InStep)
        {
            case 1: Run<T, Step1>(at, samples); break;
            case 3: Run<T, Step3>(at, samples); break;
            case 16: Run<T, Steps16<Step1>>(at, samples); break;
            case 32: Run<T, Steps16<Twice<Step1>>>(at, samples); break;
            case 64: Run<T, Steps16<Twice<Twice<Step1>>>>(at, samples); break;
            case 128: Run<T, Steps16<Twice<Twice<Twice<Step1>>>>>(at, samples); break;
            case 256: Run<T, Steps16<Steps16<Step1>>>(at, samples); break;
            case 512: Run<T, Steps16<Steps16<Twice<Step1>>>>(at, samples); break;
            default: Run<T, AnyStep>(at, samples); break;
        }
    }

    private static void Run<T, TStep>(in Correlation at, int samples)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        var segment = ConvolutionTiles.SegmentOf(at.Width);
        var window = new Window
        {
            Rows = at.Rows,
            RowLength = at.RowLength,
            RowStride = at.InRow,
            Step = at.InStep,
            OutStep = at.OutStep,
        };
        for (var channel = 0; channel < at.Channels;)
        {
            var width = FilterPanels.WidthOf<T>(at.Channels - channel);
            window.Weights = at.Weights + at.Rows * at.RowLength * channel;
            window.Bias = at.Bias + channel;
            for (var sample = 0; sample < samples; sample++)
                Panel<T, TStep>(at, window, segment, width > T.Count, at.In + sample * at.InSample,
                    at.Out + sample * at.OutSample + channel);
            channel += width;
        }
    }

    /// <summary>All pixels of a sample, for the channels of one panel.</summary>
    private static void Panel<T, TStep>(
        in Correlation at, in Window window, int segment, bool two, float* x, float* y)
        where T : struct, ILanes<T> where TStep : struct, IStep
    {
        float* x0 = null, y0 = null; // a segment that waits for a second one
        for (var row = 0; row < at.Height; row++, x += at.InGridRow, y += at.OutGridRow)
            for (var column = 0; column < at.Width; column += segment)
            {
                var from = Math.Min(column, at.Width - segment);
                float* x1 = x + from * at.InStep, y1 = y + from * at.OutStep;
                if (y0 is null)
                {
                    x0 = x1;
                    y0 = y1;
                    continue;
                }
                ConvolutionTiles.Run<T, TStep>(segment, two, window, x0, x1, y0, y1);
                y0 = null;
            }
        if (y0 is not null) ConvolutionTiles.Run<T, TStep>(segment, two, window, x0, x0, y0, y0);
    }
}
