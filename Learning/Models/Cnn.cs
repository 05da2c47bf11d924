using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>
/// The convolutional network of the FedAvg paper: two 5×5 convolutions, each halved by max-pooling, and two
/// linear layers.
/// </summary>
/// <remarks>
/// McMahan, Moore, Ramage, Hampson, Agüera y Arcas, Communication-Efficient Learning of Deep Networks from
/// Decentralized Data, AISTATS 2017, arXiv:1602.05629, section 3: 1,663,370 parameters for 28×28 images of one channel
/// and 10 classes. The convolutions are padded by 2, which is what that count needs. Any size from 4×4 works: an odd
/// size loses its last row or column in the pooling.
/// </remarks>
[Component("cnn", Summary = "Two 5x5 convolutions with max-pooling and two linear layers (28x28x1, 10 classes: "
    + "1,663,370 parameters).",
    Source = "McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, "
        + "AISTATS 2017 (CNN)")]
public sealed class Cnn : Model
{
    private const int Smallest = 4;

    /// <inheritdoc/>
    public override Architecture Architecture { get; } = new(
        new Convolution("conv1", 32, 5, Padding: 2), new Relu(), new MaxPool(2),
        new Convolution("conv2", 64, 5, Padding: 2), new Relu(), new MaxPool(2),
        new Flatten(), new Linear("fc1", 512), new Relu(), new Linear("fc2"));

    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) =>
        ImagesOnly("cnn", input) ?? TooSmall("cnn", input, Smallest);
}
