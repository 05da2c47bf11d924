using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models.Layers;

namespace Orleans.FL.Learning.Models;

/// <summary>LeNet-5 with ReLU and max-pooling: two 5×5 convolutions and three linear layers.</summary>
/// <remarks>
/// LeCun, Bottou, Bengio, Haffner, Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998, section
/// II.B and figure 2, in today's usual form. 61,706 parameters for 28×28 images of one channel and 10 classes.
/// </remarks>
[Component("lenet", Summary = "LeNet-5 with ReLU and max-pooling (28x28x1, 10 classes: 61,706 parameters).",
    Source = "LeCun et al., Gradient-Based Learning Applied to Document Recognition, Proc. IEEE 1998 (LeNet-5)")]
public sealed class LeNet : Model
{
    private const int Smallest = 12;

    /// <inheritdoc/>
    public override Architecture Architecture { get; } = new(
        new Convolution("conv1", 6, 5, Padding: 2), new Relu(), new MaxPool(2),
        new Convolution("conv2", 16, 5), new Relu(), new MaxPool(2),
        new Flatten(), new Linear("fc1", 120), new Relu(), new Linear("fc2", 84), new Relu(), new Linear("fc3"));

    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) =>
        ImagesOnly("lenet", input) ?? TooSmall("lenet", input, Smallest);
}
