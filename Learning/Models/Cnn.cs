using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using static TorchSharp.torch;

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
    public override LayerStack? Stack { get; } = new([new("conv1", 32, 5), new("conv2", 64, 5)],
        new(["fc1", "fc2"], [512]));

    /// <inheritdoc/>
    public override string? Refusal(SampleShape input) => ImagesOnly("cnn", input) is { } refusal ? refusal
        : Math.Min(input.Sizes[1], input.Sizes[2]) >= Smallest
        ? null
        : $"The model cnn halves images twice, so it needs {Smallest}x{Smallest} pixels or more, not "
          + $"{input.Sizes[1]}x{input.Sizes[2]}; mlp and logistic-regression take any size.";

    /// <inheritdoc/>
    public override IReadOnlyList<long> Products(SampleShape input, int outputs)
    {
        const int filter = 5 * 5;
        var (channels, height, width) = (input.Sizes[0], input.Sizes[1], input.Sizes[2]);
        var (half, quarter) = ((height / 2) * (width / 2), (height / 4) * (width / 4));
        return
        [
            (long)height * width * filter * channels * 32,
            (long)half * filter * 32 * 64,
            (long)quarter * 64 * 512,
            512L * outputs,
        ];
    }

    /// <inheritdoc/>
    protected override nn.Module<Tensor, Tensor> Assemble(SampleShape input, int outputs) => nn.Sequential(
        ("conv1", nn.Conv2d(input.Sizes[0], 32, 5, padding: 2)),
        ("relu1", nn.ReLU(inplace: true)),
        ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(32, 64, 5, padding: 2)),
        ("relu2", nn.ReLU(inplace: true)),
        ("pool2", nn.MaxPool2d(2)),
        ("flatten", nn.Flatten()),
        ("fc1", nn.Linear(64 * (input.Sizes[1] / 4) * (input.Sizes[2] / 4), 512)),
        ("relu3", nn.ReLU(inplace: true)),
        ("fc2", nn.Linear(512, outputs)));
}
