using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>
/// The network for handwritten characters of many writers: two 3×3 convolutions, max-pooling, two linear layers, and
/// dropout.
/// </summary>
/// <remarks>
/// Reddi et al., Adaptive Federated Optimization, ICLR 2021, arXiv:2003.00295, appendix C.2, table 4: 1,206,590
/// parameters for 28×28 images of one channel and 62 classes.
/// </remarks>
[Component("femnist-cnn",
    Summary = "Two 3x3 convolutions, max-pooling, two linear layers, dropout (28x28x1, 62 classes: "
        + "1,206,590 parameters).",
    Source = "Reddi et al., Adaptive Federated Optimization, ICLR 2021, table 4 (EMNIST CR)")]
public sealed class FemnistCnn : Model
{
    private const int Smallest = 6;

    /// <inheritdoc/>
    public override Architecture Architecture { get; } = new(
        new Convolution("conv1", 32, 3), new Relu(), new Convolution("conv2", 64, 3), new Relu(), new MaxPool(2),
        new Dropout(0.25), new Flatten(), new Linear("fc1", 128), new Relu(), new Dropout(0.5), new Linear("fc2"));

    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) =>
        ImagesOnly("femnist-cnn", input) ?? TooSmall("femnist-cnn", input, Smallest);
}
