using System.Globalization;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models;

/// <summary>The module of <see cref="ResNet"/>.</summary>
internal sealed class ResidualNetwork : nn.Module<Tensor, Tensor>
{
    private readonly List<nn.Module<Tensor, Tensor>> _layers = [];

    public ResidualNetwork(int channels, int outputs, int width, IReadOnlyList<int> blocks)
        : base(nameof(ResidualNetwork))
    {
        Add("conv1", nn.Conv2d(channels, width, 3, padding: 1, bias: false));
        Add("bn1", nn.BatchNorm2d(width));
        Add("relu", nn.ReLU(inplace: true));
        var input = width;
        for (var stage = 0; stage < blocks.Count; stage++)
        {
            var output = width << stage;
            Add($"layer{stage + 1}", Stage(input, output, stage == 0 ? 1 : 2, blocks[stage]));
            input = output;
        }
        Add("mean", new MeanOfMaps());
        Add("linear", nn.Linear(input, outputs));
    }

    public override Tensor forward(Tensor input)
    {
        var maps = input;                                           // (n, channels, height, width)
        // (n, 8 width, height / 8, width / 8), then (n, 8 width)
        foreach (var layer in _layers) maps = layer.call(maps);
        return maps;                                                // (n, outputs)
    }

    private void Add(string name, nn.Module<Tensor, Tensor> layer)
    {
        register_module(name, layer);
        _layers.Add(layer);
    }

    private static nn.Module<Tensor, Tensor> Stage(int input, int output, int stride, int blocks) =>
        nn.Sequential(Enumerable.Range(0, blocks).Select(b => (b.ToString(CultureInfo.InvariantCulture),
            (nn.Module<Tensor, Tensor>)new BasicBlock(b == 0 ? input : output, output, b == 0 ? stride : 1))));
}

/// <summary>The mean of each map: (n, channels, height, width) to (n, channels).</summary>
internal sealed class MeanOfMaps() : nn.Module<Tensor, Tensor>(nameof(MeanOfMaps))
{
    public override Tensor forward(Tensor input) => input.mean([2, 3]);
}

/// <summary>
/// Two 3×3 convolutions with BatchNorm beside a shortcut, which is a 1×1 convolution where sizes differ.
/// </summary>
internal sealed class BasicBlock : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> _conv1, _bn1, _conv2, _bn2;
    private readonly nn.Module<Tensor, Tensor>? _shortcut;

    public BasicBlock(int input, int output, int stride) : base(nameof(BasicBlock))
    {
        register_module("conv1", _conv1 = nn.Conv2d(input, output, 3, stride, padding: 1, bias: false));
        register_module("bn1", _bn1 = nn.BatchNorm2d(output));
        register_module("conv2", _conv2 = nn.Conv2d(output, output, 3, padding: 1, bias: false));
        register_module("bn2", _bn2 = nn.BatchNorm2d(output));
        if (stride == 1 && input == output) return;
        register_module("shortcut", _shortcut = nn.Sequential(
            ("0", nn.Conv2d(input, output, 1, stride, bias: false)),
            ("1", nn.BatchNorm2d(output))));
    }

    public override Tensor forward(Tensor input)
    {
        var inner = _bn1.call(_conv1.call(input)).relu_();
        return _bn2.call(_conv2.call(inner)).add_(_shortcut?.call(input) ?? input, Scalars.One).relu_();
    }
}
