using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Labelled samples to learn from and to be tested on.</summary>
public abstract class Dataset
{
    /// <summary>Folder name below a data root, and the name that <c>flctl data get</c> takes.</summary>
    public abstract string Folder { get; }

    /// <summary>Its files and where they come from; null if it needs none (made on the spot).</summary>
    public virtual DatasetOrigin? Origin => null;

    /// <summary>Reads the data.</summary>
    /// <param name="locator">Finds the folder.</param>
    /// <exception cref="ExperimentException">
    /// The data are absent or not what their format says; names file, offset, expected and found.
    /// </exception>
    public abstract LabeledData Load(DatasetLocator locator);
}

/// <summary>A dataset in memory: a training and a test part.</summary>
/// <param name="Train">Samples to learn from.</param>
/// <param name="Test">Samples to be tested on.</param>
/// <param name="Classes">Number of classes; labels are 0 … classes - 1.</param>
public sealed record LabeledData(ImageSet Train, ImageSet Test, int Classes);

/// <summary>Labelled images kept as bytes.</summary>
/// <param name="Pixels">Pixels of all images, image after image, each (channels, height, width).</param>
/// <param name="Labels">One label an image, 0 … classes - 1.</param>
/// <param name="Shape">Shape of one image.</param>
/// <param name="Scale">How a pixel becomes the float that a model sees.</param>
public sealed record ImageSet(byte[] Pixels, byte[] Labels, ImageShape Shape, PixelScale Scale)
{
    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>The pixels of one image.</summary>
    /// <param name="index">Index of the image.</param>
    public ReadOnlySpan<byte> Image(int index) => Pixels.AsSpan(index * Shape.Length, Shape.Length);
}

/// <summary>Shape of an image.</summary>
/// <param name="Channels">Number of channels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Number of pixels, channels included.</summary>
    public int Length => Channels * Height * Width;
}

/// <summary>How a pixel becomes what a model sees: (pixel / maximum - mean) / deviation, by channel.</summary>
/// <param name="Maximum">Pixel value that stands for 1.</param>
/// <param name="Mean">Mean of each channel, in [0, 1].</param>
/// <param name="Deviation">Standard deviation of each channel, in [0, 1].</param>
public sealed record PixelScale(int Maximum, EquatableList<double> Mean, EquatableList<double> Deviation)
{
    /// <summary>The floats of all 256 pixel values of a channel.</summary>
    /// <param name="channel">Index of the channel.</param>
    public float[] Table(int channel) =>
        [.. Enumerable.Range(0, 256).Select(p => (float)(((double)p / Maximum - Mean[channel]) / Deviation[channel]))];
}
