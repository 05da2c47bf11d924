using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Images kept as bytes, each of one class.</summary>
/// <param name="pixels">Pixels of all images, image after image, each (channels, height, width).</param>
/// <param name="labels">One label an image, 0 … classes - 1.</param>
/// <param name="shape">Shape of one image.</param>
/// <param name="scale">How a pixel becomes the float that a model sees.</param>
public sealed class ImageSet(byte[] pixels, int[] labels, SampleShape shape, PixelScale scale)
    : DataPart(shape, new ClassLabels(labels))
{
    private const int ImagesAhead = 2; // a sample is where no processor looks ahead by itself

    private readonly PixelReader[] _channels =
        [.. Enumerable.Range(0, shape.Sizes[0]).Select(channel => new PixelReader(scale, channel))];
    private readonly int _area = shape.Length / shape.Sizes[0];

    /// <summary>Pixels of all images.</summary>
    public byte[] Pixels => pixels;

    /// <summary>One label an image.</summary>
    public int[] Labels => labels;

    /// <summary>How a pixel becomes the float that a model sees.</summary>
    public PixelScale Scale => scale;

    /// <summary>The pixels of one image.</summary>
    /// <param name="index">Index of the image.</param>
    public ReadOnlySpan<byte> Image(int index) => pixels.AsSpan(index * Shape.Length, Shape.Length);

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<int> samples, Span<float> rows, int stride)
    {
        for (var i = 0; i < Math.Min(ImagesAhead, samples.Length); i++) PixelReader.Fetch(Image(samples[i]));
        for (var i = 0; i < samples.Length; i++)
        {
            if (i + ImagesAhead < samples.Length) PixelReader.Fetch(Image(samples[i + ImagesAhead]));
            Read(Image(samples[i]), rows.Slice(i * stride, Shape.Length));
        }
    }

    private void Read(ReadOnlySpan<byte> image, Span<float> floats)
    {
        for (var channel = 0; channel < _channels.Length; channel++)
            _channels[channel].Read(
                image.Slice(channel * _area, _area), floats.Slice(channel * _area, _area));
    }
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
