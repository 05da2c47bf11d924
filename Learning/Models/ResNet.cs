using System.Globalization;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>
/// A residual network for small images: a 3×3 stem without pooling, four stages of basic blocks, one linear layer.
/// </summary>
/// <remarks>
/// He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385, basic block of
/// figure 5; stem and strides as is usual for 32×32 images. The last feature map is averaged whole, so any image size
/// works. The state-dict names are those of the common PyTorch family: <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>,
/// <c>layer2.0.shortcut.0</c>, <c>linear</c> …, with either norm.
/// </remarks>
public abstract class ResNet : Model
{
    private readonly int _stages;

    /// <summary>A network.</summary>
    /// <param name="width">Channels of the first stage; each further stage has twice as many.</param>
    /// <param name="blocks">Blocks of each stage.</param>
    /// <param name="options">The norm.</param>
    protected ResNet(int width, IReadOnlyList<int> blocks, ResNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_stages, Options, Width) = (blocks.Count, options, width);
        var layers = new List<Layer>
        {
            new Convolution("conv1", width, 3, Padding: 1, Bias: false), Norm("bn1"), new Relu(),
        };
        for (var stage = 0; stage < blocks.Count; stage++)
            layers.Add(new Block($"layer{stage + 1}",
                [.. Enumerable.Range(0, blocks[stage])
                    .SelectMany(b => BasicBlock(width << stage, b, halves: stage > 0 && b == 0))]));
        Architecture = new([.. layers, new MeanOfMaps(), new Linear("linear")]);
    }

    /// <inheritdoc/>
    public override Architecture Architecture { get; }

    /// <summary>The norm.</summary>
    protected ResNetOptions Options { get; }

    /// <summary>Channels of the first stage.</summary>
    protected int Width { get; }

    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) => ImagesOnly("resnet", input) ?? (
        Options.Norm == ResNetOptions.Group && Width % Options.Groups != 0
            ? $"Groups must divide the {Width} channels of the first stage, which {Options.Groups} do not; "
                + $"set groups to {Width} or a divisor of it."
            : null);

    /// <inheritdoc/>
    /// <remarks>
    /// Three halvings leave one pixel of an image of at most 8×8: BatchNorm then has no spread over one sample.
    /// </remarks>
    public override int SmallestBatch(SampleShape input) => Options.Norm == ResNetOptions.Batch
        && Math.Max(input.Sizes[1], input.Sizes[2]) <= 1 << (_stages - 1) ? 2 : 1;

    private Layer Norm(string name) =>
        Options.Norm == ResNetOptions.Group ? new GroupNorm(name, Options.Groups) : new BatchNorm(name);

    /// <summary>
    /// Two 3×3 convolutions beside a shortcut, which is a 1×1 convolution where sizes differ; ReLU behind the sum.
    /// </summary>
    private Layer[] BasicBlock(int channels, int index, bool halves)
    {
        var stride = halves ? 2 : 1;
        var name = index.ToString(CultureInfo.InvariantCulture);
        Layer[] inner =
        [
            new Convolution("conv1", channels, 3, stride, Padding: 1, Bias: false), Norm("bn1"), new Relu(),
            new Convolution("conv2", channels, 3, Padding: 1, Bias: false), Norm("bn2"),
        ];
        Layer[] shortcut = halves ? [new Convolution("0", channels, 1, stride, Bias: false), Norm("1")] : [];
        return [new Residual(name, inner, shortcut), new Relu()];
    }
}

/// <summary>Options of residual networks.</summary>
public sealed record ResNetOptions
{
    /// <summary>BatchNorm.</summary>
    public const string Batch = "batch";

    /// <summary>GroupNorm.</summary>
    public const string Group = "group";

    /// <summary>What normalises the maps.</summary>
    [Option("What normalises the maps: batch = BatchNorm, whose statistics differ from node to node; "
        + "group = GroupNorm, which keeps none (Hsieh et al., ICML 2020).", Values = [Batch, Group])]
    public string Norm { get; init; } = Batch;

    /// <summary>Groups of channels of GroupNorm.</summary>
    [Option("Groups of channels of GroupNorm; a divisor of the first stage's channels.", Min = 1, Max = 64)]
    public int Groups { get; init; } = 8;
}
