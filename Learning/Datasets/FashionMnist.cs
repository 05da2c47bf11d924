using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Datasets;

/// <summary>Fashion-MNIST: grey images of 28 × 28 pixels of ten kinds of clothing.</summary>
/// <param name="options">Where the files are.</param>
[Component("fashion-mnist", Summary = "60,000 + 10,000 grey images of 28 x 28 pixels of ten kinds of clothing.",
    Source = "Xiao, Rasul, Vollgraf, Fashion-MNIST, 2017, arXiv:1708.07747; github.com/zalandoresearch/fashion-mnist")]
public sealed class FashionMnist(FashionMnist.Options options) : IdxDataset(options)
{
    /// <summary>Options of <see cref="FashionMnist"/>.</summary>
    public sealed record Options : DatasetOptions;

    /// <inheritdoc/>
    /// <remarks>
    /// The checksums are of the gzip files at the official address; their MD5 sums are in its README. Debian's copies
    /// inflate to the same bytes, but their gzip headers lack file name and time, so that their own sums differ.
    /// </remarks>
    public override DatasetOrigin Origin { get; } = new("fashion-mnist", Files)
    {
        SystemFolders = ["usr/share/datasets/fashion-mnist"],
        Downloads =
        [
            At("train-images-idx3-ubyte.gz", 26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            At("train-labels-idx1-ubyte.gz", 29_515,
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            At("t10k-images-idx3-ubyte.gz", 4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            At("t10k-labels-idx1-ubyte.gz", 5_148,
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ],
        Package = new DebianPackage("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist"),
    };

    /// <inheritdoc/>
    protected override PixelScale Scale { get; } = new(255, [0.2860], [0.3530]);

    private static RemoteFile At(string name, long length, string sha256) =>
        new(new Uri("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/" + name), length, sha256);
}
