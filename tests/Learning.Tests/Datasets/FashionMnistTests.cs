using Orleans.FL.Learning.Datasets;
using Xunit;

namespace Orleans.FL.Learning.Tests.Datasets;

public sealed class FashionMnistTests
{
    [Fact]
    public void The_real_files_have_the_documented_sizes_classes_and_statistics()
    {
        // Fails with the locator's sentence where the dataset is not installed: run 'flctl data get fashion-mnist'.
        var data = new FashionMnist(new FashionMnist.Options()).Load(DatasetLocator.Default);

        Assert.Equal((60_000, 10_000, 10), (data.Train.Count, data.Test.Count, data.Outputs));
        Assert.Equal(new SampleShape(1, 28, 28), data.Train.Shape);
        Assert.Equal(60_000 * 784, data.Train.Pixels.Length);
        Assert.All(data.Train.Labels.CountBy(label => label), count => Assert.Equal(6_000, count.Value));
        Assert.All(data.Test.Labels.CountBy(label => label), count => Assert.Equal(1_000, count.Value));
        var (mean, deviation) = Statistics.Of((ImageSet)data.Train);
        Assert.Equal(mean, ((ImageSet)data.Train).Scale.Mean[0], 1e-4);
        Assert.Equal(deviation, ((ImageSet)data.Train).Scale.Deviation[0], 1e-4);
    }

    [Fact]
    public void The_first_training_image_is_an_ankle_boot()
    {
        var data = new FashionMnist(new FashionMnist.Options()).Load(DatasetLocator.Default);

        Assert.Equal(9, data.Train.Labels[0]);
        Assert.Equal(9, data.Test.Labels[0]);
        // The boot's shaft: blank above, bright at the right edge of the middle rows.
        Assert.Equal(0, data.Train.Image(0)[0]);
        Assert.True(data.Train.Image(0)[14 * 28 + 20] > 100);
    }

    [Fact]
    public void Mnist_reads_the_same_four_files()
    {
        using var folder = new TempFolder();
        foreach (var (part, count) in new[] { ("train", 60_000), ("t10k", 10_000) })
        {
            byte[] size = [0, 0, (byte)(count >> 8), (byte)count];
            byte[] header = [0, 0, 8, 3, .. size, 0, 0, 0, 28, 0, 0, 0, 28];
            folder.WriteGzip($"{part}-images-idx3-ubyte", [.. header, .. new byte[count * 784]]);
            var labels = Enumerable.Range(0, count).Select(i => (byte)(i % 10));
            folder.Write($"{part}-labels-idx1-ubyte", [0, 0, 8, 1, .. size, .. labels]);
        }

        var data = new Mnist(new Mnist.Options { Path = folder.Path }).Load(DatasetLocator.Default);

        Assert.Equal((60_000, 10_000), (data.Train.Count, data.Test.Count));
        Assert.Equal(7, data.Test.Labels[17]);
    }
}

internal static class Statistics
{
    public static (double Mean, double Deviation) Of(ImageSet images)
    {
        var counts = new long[256];
        foreach (var pixel in images.Pixels) counts[pixel]++;
        double Average(Func<double, double> of) => counts
            .Select((count, pixel) => count * of((double)pixel / images.Scale.Maximum)).Sum() / images.Pixels.Length;
        var mean = Average(value => value);
        return (mean, Math.Sqrt(Average(value => (value - mean) * (value - mean))));
    }
}
