using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Testing;

/// <summary>
/// Small image sets that a model learns in a few steps: each class is a pattern of its own under noise.
/// </summary>
public static class ToyData
{
    // Patterns do not depend on the seed, so sets of different seeds are samples of one problem.
    private static readonly Seeds Patterns = new(20_26);

    /// <summary>Images whose labels are 0, 1, … classes - 1, 0, 1, …</summary>
    /// <param name="count">Number of images.</param>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static ImageSet Images(int count, SampleShape shape, int classes, long seed)
    {
        var noise = new Seeds(seed).Stream("toy-noise");
        var patterns = Enumerable.Range(0, classes).Select(c => Pattern(c, shape)).ToArray();
        var pixels = new byte[count * shape.Length];
        var labels = new int[count];
        for (var i = 0; i < count; i++)
        {
            labels[i] = i % classes;
            var pattern = patterns[labels[i]];
            for (var p = 0; p < shape.Length; p++)
                pixels[i * shape.Length + p] = (byte)Math.Clamp(pattern[p] + 40 * noise.NextNormal(), 0, 255);
        }
        var halves = new EquatableList<double>([.. Enumerable.Repeat(0.5, shape.Sizes[0])]);
        return new(pixels, labels, shape, new PixelScale(255, halves, halves));
    }

    /// <summary>A training and a test set of the same problem.</summary>
    /// <param name="train">Number of training images.</param>
    /// <param name="test">Number of test images.</param>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="seed">Seed of the noise.</param>
    public static LabeledData Labeled(int train, int test, SampleShape shape, int classes, long seed) =>
        new(Images(train, shape, classes, seed), Images(test, shape, classes, seed + 1_000_003), classes);

    private static double[] Pattern(int label, SampleShape shape)
    {
        var stream = Patterns.Stream("toy-pattern", label);
        return [.. Enumerable.Range(0, shape.Length).Select(_ => 64 + 128 * stream.NextDouble())];
    }
}
