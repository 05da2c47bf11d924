using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Models;

/// <summary>
/// A residual network for small images: a 3×3 stem without pooling, four stages of basic blocks, one linear layer.
/// </summary>
/// <remarks>
/// He, Zhang, Ren, Sun, Deep Residual Learning for Image Recognition, CVPR 2016, arXiv:1512.03385, basic block of
/// figure 5; stem and strides as is usual for 32×32 images. The last feature map is averaged whole, so any image size
/// works. The state-dict names are those of the common PyTorch family: <c>conv1</c>, <c>bn1</c>, <c>layer1.0.conv1</c>,
/// <c>layer2.0.shortcut.0</c>, <c>linear</c> ….
/// </remarks>
/// <param name="width">Channels of the first stage; each further stage has twice as many.</param>
/// <param name="blocks">Blocks of each stage.</param>
public abstract class ResNet(int width, IReadOnlyList<int> blocks) : Model
{
    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) => ImagesOnly("resnet", input);

    /// <inheritdoc/>
    /// <remarks>
    /// Three halvings leave one pixel of an image of at most 8×8: BatchNorm then has no spread over one sample.
    /// </remarks>
    public override int SmallestBatch(SampleShape input) =>
        Math.Max(input.Sizes[1], input.Sizes[2]) <= 1 << (blocks.Count - 1) ? 2 : 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Layers { get; } =
        ["conv1", "bn1", .. Enumerable.Range(1, blocks.Count).Select(stage => $"layer{stage}"), "linear"];

    /// <inheritdoc/>
    protected override nn.Module<Tensor, Tensor> Assemble(SampleShape input, int outputs) =>
        new ResidualNetwork(input.Sizes[0], outputs, width, blocks);
}
