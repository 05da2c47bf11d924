using System.Globalization;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models.Layers;

/// <summary>Makes the network of an architecture with libtorch.</summary>
internal static class TorchLayers
{
    /// <summary>Builds layers one after the other.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="input">Shape of what the first takes in.</param>
    /// <param name="outputs">Outputs of the whole network.</param>
    public static nn.Module<Tensor, Tensor> Build(
        IReadOnlyList<Layer> layers, Datasets.SampleShape input, int outputs)
    {
        var modules = new List<(string, nn.Module<Tensor, Tensor>)>();
        foreach (var (i, layer) in layers.Index())
        {
            modules.Add((layer.Name ?? UnnamedAt(layer, i), Module(layer, input, outputs, inPlace: i > 0)));
            input = layer.OutputOf(input, outputs);
        }
        return nn.Sequential(modules);
    }

    // What is in place overwrites what a shortcut may still want, unless another layer of the block made it.
    private static nn.Module<Tensor, Tensor> Module(
        Layer layer, Datasets.SampleShape input, int outputs, bool inPlace) => layer switch
        {
            Convolution c => nn.Conv2d(input.Sizes[0], c.Channels, c.Size, c.Stride, c.Padding, bias: c.Bias),
            Linear l => nn.Linear(input.Length, l.Units ?? outputs),
            BatchNorm => nn.BatchNorm2d(input.Sizes[0], BatchNorm.Epsilon, BatchNorm.Momentum),
            GroupNorm g => nn.GroupNorm(g.Groups, input.Sizes[0], GroupNorm.Epsilon),
            Relu => nn.ReLU(inplace: inPlace),
            Flatten => nn.Flatten(),
            MaxPool p => nn.MaxPool2d(p.Size),
            AveragePool p => nn.AvgPool2d(p.Size),
            MeanOfMaps => new MeanOfMapsModule(),
            Dropout d => new DropoutModule(d.Rate),
            Block b => Build(b.Layers, input, outputs),
            Residual r => new ResidualModule(r, input, outputs),
            _ => throw new NotSupportedException($"libtorch's engine does not know the layer {layer.GetType().Name}."),
        };

    private static string UnnamedAt(Layer layer, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{layer.GetType().Name.ToLowerInvariant()}{index}");
}

/// <summary>The mean of each map: (n, channels, height, width) to (n, channels).</summary>
internal sealed class MeanOfMapsModule() : nn.Module<Tensor, Tensor>(nameof(MeanOfMapsModule))
{
    public override Tensor forward(Tensor input) => input.mean([2, 3]);
}

/// <summary>Layers beside a shortcut.</summary>
internal sealed class ResidualModule : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> _inner = [];
    private readonly nn.Module<Tensor, Tensor>? _shortcut;

    public ResidualModule(Residual residual, Datasets.SampleShape input, int outputs) : base(nameof(ResidualModule))
    {
        var inner = TorchLayers.Build(residual.Layers, input, outputs);
        foreach (var (name, child) in inner.named_children())
        {
            register_module(name, child);
            _inner.Add((nn.Module<Tensor, Tensor>)child);
        }
        if (residual.Shortcut.Count == 0) return;
        _shortcut = TorchLayers.Build(residual.Shortcut, input, outputs);
        register_module("shortcut", _shortcut);
    }

    public override Tensor forward(Tensor input)
    {
        var maps = input;
        foreach (var layer in _inner) maps = layer.call(maps);
        return maps.add_(_shortcut?.call(input) ?? input, Scalars.One);
    }
}

/// <summary>Dropout whose masks the job draws; in evaluation it hands on what it gets.</summary>
/// <param name="rate">Probability that a value is dropped.</param>
internal sealed class DropoutModule(double rate) : nn.Module<Tensor, Tensor>(nameof(DropoutModule))
{
    /// <summary>Probability that a value is dropped.</summary>
    public double Rate { get; } = rate;

    /// <summary>Draws the factors of so many values of the next batch.</summary>
    public Action<Span<float>>? Draw { get; set; }

    public override Tensor forward(Tensor input)
    {
        if (!training) return input.alias();
        if (Draw is null) throw new InvalidOperationException("Dropout needs the job's randomness to train.");
        var factors = new float[checked((int)input.numel())];
        Draw(factors);
        using var mask = tensor(factors).view(input.shape).to(input.device_type, input.device_index).to(input.dtype);
        return input.mul(mask);
    }
}
