using System.Runtime.InteropServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>Makes up inputs that a model is sure of, with libtorch, and looks at what models make of such.</summary>
/// <remarks>
/// Yin et al., InvertedSamplesing to Distill: Data-free Knowledge Transfer via DeepInversion, CVPR 2020,
/// arXiv:1912.08795, with the entropy of predictions in place of a loss by labels that are asked for, and nothing
/// clipped or shifted. The model is in evaluation mode.
/// </remarks>
internal sealed class DeepInversion
{
    private const double Tiny = 1e-12; // under roots, whose gradient would not be finite at 0

    private readonly SampleShape _shape;
    private readonly int _classes, _height, _width;
    private readonly ModelInstance _instance;
    private readonly CancellationToken _cancellation;

    /// <summary>InversionSettings of some weights.</summary>
    public DeepInversion(TorchWorkspace workspace, Component<Model> model, SampleShape shape, int classes,
        ParameterVector weights, CancellationToken cancellation)
    {
        if (shape.Sizes.Count != 3)
            throw new ExperimentException("Inputs are made up as pictures (channels, height, width) are, "
                + $"not of shape {shape}; probe with samples of the data.");
        (_shape, _classes, _height, _width, _cancellation) =
            (shape, classes, shape.Sizes[1], shape.Sizes[2], cancellation);
        _instance = workspace.Instance(model, shape, classes);
        _instance.Load(weights);
        _instance.Network.eval();
    }

    /// <summary>Makes up inputs.</summary>
    /// <param name="settings">How.</param>
    /// <param name="noise">Where they begin: standard normal numbers.</param>
    /// <returns>Pixels as the network reads them, (n, channels, height, width).</returns>
    public ParameterVector InvertedSamples(DeepInversionSettings settings, RandomStream noise)
    {
        using var pixels = new AlignedFloats(checked(settings.Count * _shape.Length));
        foreach (ref var pixel in pixels.Span) pixel = (float)noise.NextNormal();
        var rule = new AdaptiveMoments(settings.LearningRate, 0.9, 0.999, 1e-8, Decay: 0, Shrinkage: 0);
        var (first, second) = (new float[pixels.Length], new float[pixels.Length]);
        var taken = new List<(BatchNorm2d Norm, Tensor Input)>();
        var hooks = settings.Statistics > 0 ? _instance.Network.modules().OfType<BatchNorm2d>()
            .Select(norm => norm.register_forward_pre_hook((_, input) => Take(norm, input))).ToList() : [];
        try
        {
            for (var step = 1; step <= settings.Steps; step++)
            {
                _cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var x = Images(pixels.Tensor, settings.Count).detach().requires_grad_();
                var gradient = autograd.grad([Loss(x, settings, taken)], [x])[0].contiguous().cpu();
                rule.Step(pixels.Span, MemoryMarshal.Cast<byte, float>(gradient.bytes), first, second, step);
                Forget();
            }
        }
        finally
        {
            foreach (var hook in hooks) hook.remove();
            Forget();
        }
        return ParameterVector.Own(pixels.Span.ToArray());

        Tensor Take(BatchNorm2d norm, Tensor input)
        {
            taken.Add((norm, input.alias().DetachFromDisposeScope())); // layers give back what they took in
            return input;
        }

        void Forget()
        {
            foreach (var (_, input) in taken) input.Dispose();
            taken.Clear();
        }
    }

    /// <summary>Scores of images, sample after sample.</summary>
    /// <param name="images">Pixels as the network reads them.</param>
    public ParameterVector Outputs(ParameterVector images)
    {
        using var noGradient = no_grad();
        using var pixels = new AlignedFloats(images.Length);
        images.Span.CopyTo(pixels.Span);
        var count = images.Length / _shape.Length;
        var outputs = new float[checked(count * _classes)];
        for (var from = 0; from < count; from += Evaluator.BatchSize)
        {
            _cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var part = Math.Min(Evaluator.BatchSize, count - from);
            var logits = _instance.Network.call(
                Images(pixels.Tensor.narrow(0, (long)from * _shape.Length, (long)part * _shape.Length), part)).cpu();
            MemoryMarshal.Cast<byte, float>(logits.bytes).CopyTo(outputs.AsSpan(from * _classes));
        }
        return ParameterVector.Own(outputs);
    }

    private Tensor Loss(Tensor x, DeepInversionSettings settings, List<(BatchNorm2d Norm, Tensor Input)> taken)
    {
        var logs = _instance.Network.call(x).log_softmax(1);                            // (n, classes)
        var loss = Weighed(logs.exp().mul(logs).sum(1L).mean().neg(), settings.Entropy);
        if (settings.Variation > 0) loss = loss.add(Weighed(Variation(x), settings.Variation), Scalars.One);
        if (settings.Length > 0) loss = loss.add(Weighed(LengthOf(x.flatten(1)).mean(), settings.Length), Scalars.One);
        foreach (var (norm, input) in taken)
            loss = loss.add(Weighed(Apart(norm, input), settings.Statistics), Scalars.One);
        return loss;
    }

    private Tensor Variation(Tensor x)
    {
        var (h, w) = (_height, _width);
        var right = x.narrow(3, 1, w - 1).sub(x.narrow(3, 0, w - 1));
        var below = x.narrow(2, 1, h - 1).sub(x.narrow(2, 0, h - 1));
        var (upper, lower) = (x.narrow(2, 0, h - 1), x.narrow(2, 1, h - 1));
        var falling = lower.narrow(3, 1, w - 1).sub(upper.narrow(3, 0, w - 1));
        var rising = upper.narrow(3, 1, w - 1).sub(lower.narrow(3, 0, w - 1));
        return LengthOf(right.flatten(1)).add(LengthOf(below.flatten(1)), Scalars.One)
            .add(LengthOf(falling.flatten(1)), Scalars.One).add(LengthOf(rising.flatten(1)), Scalars.One).mean();
    }

    /// <summary>‖mean − running mean‖ + ‖variance − running variance‖ over the channels, ().</summary>
    private static Tensor Apart(BatchNorm2d norm, Tensor input)
    {
        var mean = input.mean([0, 2, 3]);                                               // (channels)
        var centred = input.sub(mean.view(1, -1, 1, 1));
        var variance = centred.mul(centred).mean([0, 2, 3]);
        // Neither running one is null: layers of the catalog keep statistics.
        return LengthOf(mean.sub(norm.running_mean!).view(1, -1))
            .add(LengthOf(variance.sub(norm.running_var!).view(1, -1)), Scalars.One).sum();
    }

    /// <summary>Euclidean lengths of rows, (n).</summary>
    private static Tensor LengthOf(Tensor rows)
    {
        using var tiny = Tiny.ToScalar();
        return rows.mul(rows).sum(1L).add(tiny, Scalars.One).sqrt();
    }

    private static Tensor Weighed(Tensor term, double weight)
    {
        using var factor = weight.ToScalar();
        return term.mul(factor);
    }

    private Tensor Images(Tensor pixels, int count)
    {
        var images = pixels.view([count, .. _shape.Sizes]);
        return _instance.Device == LaneDevice.Cpu ? images : images.to(_instance.Device.Name);
    }
}
