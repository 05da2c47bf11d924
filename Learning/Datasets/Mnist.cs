using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Datasets;

/// <summary>MNIST: grey images of 28 × 28 pixels of handwritten digits.</summary>
/// <param name="options">Where the files are.</param>
[Component("mnist", Summary = "60,000 + 10,000 grey images of 28 x 28 pixels of handwritten digits.",
    Source = "LeCun et al., Gradient-based learning applied to document recognition, Proceedings of the IEEE, 1998")]
public sealed class Mnist(Mnist.Options options) : IdxDataset(options)
{
    /// <summary>Options of <see cref="Mnist"/>.</summary>
    public sealed record Options : DatasetOptions;

    /// <inheritdoc/>
    public override DatasetOrigin Origin { get; } = new("mnist", Files)
    {
        SystemFolders = ["usr/share/datasets/mnist"],
        Downloads =
        [
            At("train-images-idx3-ubyte.gz", 9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            At("train-labels-idx1-ubyte.gz", 28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            At("t10k-images-idx3-ubyte.gz", 1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            At("t10k-labels-idx1-ubyte.gz", 4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ],
    };

    /// <inheritdoc/>
    protected override PixelScale Scale { get; } = new(255, [0.1307], [0.3081]);

    private static RemoteFile At(string name, long length, string sha256) =>
        new(new Uri("https://ossci-datasets.s3.amazonaws.com/mnist/" + name), length, sha256);
}
