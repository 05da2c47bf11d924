using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.TorchLoading;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>Every layer of the dense engine: a step beside libtorch's, and the same bits on any registers.</summary>
public class LayeredNetworkTests
{
    private const int Timeout = 120_000;

    private static readonly Dictionary<string, (Architecture Layers, SampleShape Shape)> Networks = new()
    {
        ["one by one"] = (Convolutions(new Convolution("a", 5, 1)), new(3, 6, 7)),
        ["padded"] = (Convolutions(new Convolution("a", 6, 3, Padding: 1), new Convolution("b", 40, 5, Padding: 2)),
            new(1, 9, 11)),
        ["valid"] = (Convolutions(new Convolution("a", 17, 3), new Convolution("b", 7, 4)), new(2, 9, 8)),
        ["wide frame"] = (Convolutions(new Convolution("a", 6, 2, Padding: 2), new Convolution("b", 5, 3, Padding: 3)),
            new(1, 4, 5)),
        ["stride 2"] = (Convolutions(new Convolution("a", 32, 3, 2, 1), new Convolution("b", 20, 3, 2, 1)),
            new(3, 15, 14)),
        ["stride 3"] = (Convolutions(new Convolution("a", 6, 3, 1, 1), new Convolution("b", 9, 4, 3, 1)),
            new(1, 13, 16)),
        ["stride beyond the filter"] = (Convolutions(new Convolution("a", 6, 3, Padding: 1),
            new Convolution("b", 33, 1, 2, Bias: false)), new(1, 7, 9)),
        ["many channels"] = (Convolutions(new Convolution("a", 96, 3, Padding: 1), new Convolution("b", 128, 3, 2, 1)),
            new(4, 8, 8)),
        ["one pixel"] = (Convolutions(new Convolution("a", 6, 3, Padding: 1), new Convolution("b", 9, 3, 2, 1)),
            new(2, 1, 1)),
        ["max pool"] = (new(new Convolution("a", 6, 3, Padding: 1), new Relu(), new MaxPool(2),
            new Convolution("b", 9, 3, Padding: 1), new MaxPool(3), new Relu(), new Flatten(), new Linear("c")),
            new(1, 15, 13)),
        ["average pool"] = (new(new AveragePool(2), new Convolution("a", 6, 3, Padding: 1), new Relu(),
            new AveragePool(3), new Flatten(), new Linear("c", 9), new Linear("d")), new(2, 15, 13)),
        ["batch norm"] = (new(new Convolution("a", 6, 3, Padding: 1, Bias: false), new BatchNorm("n"), new Relu(),
            new Convolution("b", 20, 3, Padding: 1), new BatchNorm("m"), new MeanOfMaps(), new Linear("c")),
            new(1, 7, 6)),
        ["group norm"] = (new(new Convolution("a", 6, 3, Padding: 1, Bias: false), new GroupNorm("n", 3), new Relu(),
            new MaxPool(2), new Convolution("b", 20, 3, Padding: 1), new GroupNorm("m", 1), new MeanOfMaps(),
            new Linear("c")), new(1, 7, 6)),
        ["residual"] = (Residuals(n => new BatchNorm(n)), new(3, 9, 8)),
        ["residual, group norm"] = (Residuals(n => new GroupNorm(n, 4)), new(3, 9, 8)),
        ["residual without norm"] = (new(new Convolution("s", 6, 3, Padding: 1), new Relu(),
            new Residual("r", [new Convolution("a", 6, 3, Padding: 1), new Relu(),
                new Convolution("b", 6, 3, Padding: 1)], []), new Relu(), new MeanOfMaps(), new Linear("c")),
            new(1, 6, 7)),
        ["dropout"] = (new(new Convolution("a", 6, 3), new Relu(), new MaxPool(2), new Dropout(0.3), new Flatten(),
            new Linear("b", 30), new Relu(), new Dropout(0.5), new Linear("c")), new(1, 9, 9)),
        ["linear"] = (new(new Flatten(), new Linear("a", 21), new Relu(), new Linear("b", 17), new Linear("c")),
            new(1, 5, 7)),
    };

    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (var (name, network) in Networks)
                foreach (var samples in (int[])[2, 7])
                    cases.Add(name, samples);
            return cases;
        }
    }

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Cases))]
    public Task A_step_agrees_with_libtorchs(string name, int count) => Task.Run(() =>
    {
        TorchRuntime.EnsureLoaded();
        var (layers, shape) = Networks[name];
        var (data, samples) = (ToyData.Images(count + 3, shape, 4, seed: 1), Samples(count));
        var weights = LayeredProbe.Weights(layers.Layout(shape, 4));
        foreach (var training in (bool[])[true, false])
        {
            var expected = LayeredProbe.Libtorch(layers, data, samples, weights, training);
            var actual = LayeredProbe.Ours<NarrowLanes>(layers, data, samples, weights, training);

            AssertClose(expected.Outputs, actual.Outputs, $"outputs, training {training}");
            AssertClose(expected.Gradient, actual.Gradient, $"gradient, training {training}");
            AssertClose(expected.Buffers, actual.Buffers, $"buffers, training {training}");
        }
    });

    [Theory]
    [MemberData(nameof(Names))]
    public void Registers_of_eight_and_of_sixteen_floats_give_the_same_bits(string name)
    {
        var (layers, shape) = Networks[name];
        var data = ToyData.Images(8, shape, 4, seed: 1);
        var weights = LayeredProbe.Weights(layers.Layout(shape, 4));

        var narrow = LayeredProbe.Ours<NarrowLanes>(layers, data, Samples(5), weights);
        var wide = LayeredProbe.Ours<WideLanes>(layers, data, Samples(5), weights);

        Assert.Equal(Bits(narrow.Outputs), Bits(wide.Outputs));
        Assert.Equal(Bits(narrow.Gradient), Bits(wide.Gradient));
        Assert.Equal(Bits(narrow.Buffers), Bits(wide.Buffers));
        Assert.Equal(narrow.Metrics, wide.Metrics);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_of_a_batch_that_is_cut_give_the_bits_of_the_whole(string name)
    {
        if (name is "batch norm" or "residual") return; // their samples depend on each other: never cut
        var (layers, shape) = Networks[name];
        var data = ToyData.Images(8, shape, 4, seed: 1);
        var weights = LayeredProbe.Weights(layers.Layout(shape, 4));

        var whole = LayeredProbe.Ours<NarrowLanes>(layers, data, Samples(5), weights);
        var cut = LayeredProbe.Ours<NarrowLanes>(layers, data, Samples(5), weights, part: 2);

        Assert.Equal(Bits(whole.Gradient), Bits(cut.Gradient));
        Assert.Equal(whole.Metrics, cut.Metrics);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_no_number_travels_as_it_does_through_libtorch(float poison)
    {
        TorchRuntime.EnsureLoaded();
        var (layers, shape) = Networks["max pool"];
        var (data, samples) = (ToyData.Images(6, shape, 4, seed: 1), Samples(3));
        var layout = layers.Layout(shape, 4);
        foreach (var slice in layout.Slices)
        {
            var values = LayeredProbe.Weights(layout).Span.ToArray();
            values[slice.Offset + slice.Length / 2] = poison;
            var weights = Learning.Parameters.ParameterVector.Own(values);

            var expected = LayeredProbe.Libtorch(layers, data, samples, weights);
            var actual = LayeredProbe.Ours<NarrowLanes>(layers, data, samples, weights);

            Assert.Equal(expected.Outputs.Select(float.IsFinite), actual.Outputs.Select(float.IsFinite));
            if (expected.Gradient.Any(g => !float.IsFinite(g)))
                Assert.Contains(actual.Gradient, g => !float.IsFinite(g));
        }
    }

    [Fact]
    public void Layers_that_two_engines_would_read_differently_are_refused_with_the_remedy()
    {
        var norm = new BatchNorm("n");
        Assert.Contains("put the layer before the block",
            Assert.Throws<ArgumentException>(() => new Residual("r", [new Relu(), norm], [])).Message,
            StringComparison.Ordinal);
        Assert.Contains("put the layer before the block",
            Assert.Throws<ArgumentException>(() => new Residual("r", [norm], [new Dropout(0.5)])).Message,
            StringComparison.Ordinal);
        Assert.Contains("put Flatten before it", Assert.Throws<ArgumentException>(() =>
            new Architecture(new Linear("l")).Layout(new(1, 2, 3), 4)).Message, StringComparison.Ordinal);
    }

    private static Architecture Convolutions(params Convolution[] layers) =>
        new([.. layers.SelectMany(l => (Layer[])[l, new Relu()]), new Flatten(), new Linear("out")]);

    private static Architecture Residuals(Func<string, Layer> norm) => new(
        new Convolution("s", 16, 3, Padding: 1, Bias: false), norm("n"), new Relu(),
        new Block("one", [Block("0", 16, 1, norm, []), new Relu()]),
        new Block("two",
        [
            Block("0", 32, 2, norm, [new Convolution("0", 32, 1, 2, Bias: false), norm("1")]), new Relu(),
            Block("1", 32, 1, norm, []), new Relu(),
        ]),
        new MeanOfMaps(), new Linear("out"));

    private static Residual Block(string name, int channels, int stride, Func<string, Layer> norm, Layer[] shortcut) =>
        new(name,
        [
            new Convolution("a", channels, 3, stride, 1, Bias: false), norm("n"), new Relu(),
            new Convolution("b", channels, 3, 1, 1, Bias: false), norm("m"),
        ], shortcut);

    private static int[] Samples(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 3 + 1) % (count + 3))];

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];

    private static void AssertClose(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Select(Math.Abs).DefaultIfEmpty().Max();
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 2e-6 * Math.Max(1, largest),
                $"{what}: value {i} of {expected.Length} is {actual[i]}, libtorch's {expected[i]}");
    }
}
