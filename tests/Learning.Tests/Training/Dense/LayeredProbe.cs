using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Engines.Dense.Layers;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>
/// One step of any architecture: outputs, gradient and running statistics, by our kernels and by libtorch in float64.
/// </summary>
/// <remarks>
/// Not in float32: oneDNN's convolutions there are wrong for some shapes on some machines. On a virtual machine with
/// AVX-512 the sums of 17 channels to 7 by filters of 4x4 were off by a fifth, and the gradient was NaN.
/// </remarks>
internal static class LayeredProbe
{
    /// <summary>What a step shows.</summary>
    internal sealed record Step(float[] Outputs, float[] Gradient, float[] Buffers, MetricSums Metrics);

    /// <summary>First weights of an architecture, none of which is 0 or 1 by rule.</summary>
    public static ParameterVector Weights(ParameterLayout layout)
    {
        var values = Initializer.Initialize(layout, new Seeds(3)).Span.ToArray();
        var noise = new Seeds(4).Stream("weights");
        foreach (ref var value in values.AsSpan()) value += 0.1f * noise.NextSingle();
        return ParameterVector.Own(values);
    }

    public static Step Ours<T>(Architecture architecture, ImageSet data, int[] samples, ParameterVector weights,
        bool training = true, int? part = null) where T : struct, ILanes<T>
    {
        var network = new LayeredNetwork<T>(architecture, data.Shape, 4);
        network.Load(weights);
        network.Reserve(part ?? samples.Length);
        var gradient = network.Vector("gradient");
        network.Pass.Gradient = AddressOf(gradient);
        (network.Pass.Training, network.Pass.Use) = (training, GradientUse.Sum);
        network.Pass.Draws = new DropoutDraws(architecture, new RandomStream(5));
        var batch = new LayeredBatch<T>(network, Classes.Of(4).Task, data);
        foreach (var chunk in samples.Chunk(part ?? samples.Length)) batch.Train(chunk, 1f / samples.Length);
        var outputs = Enumerable.Range(0, Math.Min(samples.Length, part ?? samples.Length))
            .SelectMany(row => network.Scores.Rows(samples.Length).Slice(row * network.Scores.Stride, 4).ToArray());
        return new([.. outputs], network.Gather(gradient, trainable: true).Span.ToArray(),
            network.Gather(network.Weights).Span[network.Layout.TrainableLength..].ToArray(), batch.Metrics);
    }

    public static Step Libtorch(
        Architecture architecture, ImageSet data, int[] samples, ParameterVector weights, bool training = true)
    {
        using var scope = NewDisposeScope();
        var network = TorchLayers.Build(architecture.Layers, data.Shape, 4).to(ScalarType.Float64);
        var layout = architecture.Layout(data.Shape, 4);
        var draws = new DropoutDraws(architecture, new RandomStream(5));
        foreach (var (i, dropout) in network.modules().OfType<DropoutModule>().Index())
            dropout.Draw = factors => draws.Draw(i, factors);
        var buffers = network.named_buffers().Where(b => b.buffer.dtype == ScalarType.Float64).ToList();
        using (no_grad())
            foreach (var (slice, tensor) in layout.Slices.Zip(
                network.named_parameters().Select(p => (Tensor)p.parameter).Concat(buffers.Select(b => b.buffer))))
                tensor.copy_(TensorOf(weights.Span.Slice(slice.Offset, slice.Length).ToArray()).view(tensor.shape));
        network.train(training);
        var pixels = new float[samples.Length * data.Shape.Length];
        data.Read(samples, pixels, data.Shape.Length);
        var outputs = network.call(TensorOf(pixels).view([samples.Length, .. data.Shape.Sizes]));
        var targets = data.Targets.Gather(samples);
        Classes.Of(4).Task.Loss(outputs, targets).backward();
        var gradient = network.named_parameters().SelectMany(p => Floats(p.parameter.grad!));
        return new(Floats(outputs), [.. gradient],
            [.. buffers.SelectMany(b => Floats(b.buffer))], MetricSums.Zero);
    }

    private static Tensor TensorOf(float[] values) => tensor(values, ScalarType.Float64);

    private static float[] Floats(Tensor values) => values.to(ScalarType.Float32).data<float>().ToArray();

    private static unsafe nint AddressOf(Padded memory) => (nint)memory.Pointer;
}
