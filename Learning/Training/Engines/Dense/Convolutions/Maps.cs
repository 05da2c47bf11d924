using Orleans.FL.Learning.Training.Engines.Dense.Kernels;

namespace Orleans.FL.Learning.Training.Engines.Dense.Convolutions;

/// <summary>Feature maps of some samples in memory, pixel after pixel, within a frame of zeros.</summary>
/// <param name="Start">The first float of the first sample's frame.</param>
/// <param name="Height">Rows of pixels, without the frame.</param>
/// <param name="Width">Pixels of a row, without the frame.</param>
/// <param name="Channels">Floats of a pixel: the channels, filled up with zeros.</param>
/// <param name="Frame">Pixels of zeros on each side.</param>
/// <param name="Sample">Floats from sample to sample; 0 where all of them share the memory of one.</param>
internal readonly unsafe record struct Maps(
    nint Start, int Height, int Width, int Channels, int Frame, nint Sample)
{
    /// <summary>Floats from row to row.</summary>
    public nint Row => (nint)(Width + 2 * Frame) * Channels;

    /// <summary>Floats of a sample, with its frame.</summary>
    public int Floats => checked((Height + 2 * Frame) * (Width + 2 * Frame) * Channels);

    /// <summary>The pixel at the top left of a sample.</summary>
    /// <param name="sample">Index of the sample.</param>
    public float* First(int sample) => At(sample, 0, 0);

    /// <summary>A pixel.</summary>
    /// <param name="sample">Index of the sample.</param>
    /// <param name="y">Its row; may lie in the frame.</param>
    /// <param name="x">Its column; may lie in the frame.</param>
    public float* At(int sample, int y, int x) =>
        (float*)Start + sample * Sample + (y + Frame) * Row + (nint)(x + Frame) * Channels;

    /// <summary>All floats of a sample, its frame included.</summary>
    /// <param name="sample">Index of the sample.</param>
    public Span<float> Of(int sample) => new((float*)Start + sample * Sample, Floats);

    /// <summary>Samples of one pixel as the rows of a matrix.</summary>
    public Matrix AsRows() => new(Start, Channels);
}
