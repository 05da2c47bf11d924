using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>Filters as the tiles read them: panel after panel of channels, each window float by float.</summary>
/// <remarks>
/// A panel holds one or two registers of the channels that a convolution gives. It has a row for each float of the
/// window (rows, pixels, channels of the input, in this order), and the row has a weight for each of its channels.
/// </remarks>
internal static unsafe class FilterPanels
{
    /// <summary>Channels of the panel that begins where so many are left.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="left">Channels that are left, a multiple of 16.</param>
    public static int WidthOf<T>(int left) where T : struct, ILanes<T> =>
        T.Count == WideLanes.Count && left >= 2 * WideLanes.Count ? 2 * T.Count : T.Count;

    /// <summary>Where each channel's weights begin, and floats from one float of the window to the next.</summary>
    /// <typeparam name="T">Registers to use.</typeparam>
    /// <param name="channels">Channels that the convolution gives, a multiple of 16.</param>
    /// <param name="window">Floats of the window.</param>
    public static (int Start, int Step)[] Places<T>(int channels, int window) where T : struct, ILanes<T>
    {
        var places = new (int, int)[channels];
        for (var first = 0; first < channels;)
        {
            var width = WidthOf<T>(channels - first);
            for (var c = 0; c < width; c++) places[first + c] = (checked(first * window) + c, width);
            first += width;
        }
        return places;
    }
}
