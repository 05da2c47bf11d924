namespace Orleans.FL.Learning.Datasets;

/// <summary>A dataset in MNIST's four files: 60,000 + 10,000 grey images of 28 × 28 pixels in ten classes.</summary>
/// <param name="options">Where the files are.</param>
public abstract class IdxDataset(DatasetOptions options) : Dataset
{
    private const int Classes = 10;
    private const int Side = 28;

    /// <summary>The four files, without <c>.gz</c>.</summary>
    protected static IReadOnlyList<string> Files { get; } =
        ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

    /// <inheritdoc/>
    public sealed override string Folder => Origin.Name;

    /// <inheritdoc/>
    public abstract override DatasetOrigin Origin { get; }

    /// <summary>How a pixel becomes a float.</summary>
    protected abstract PixelScale Scale { get; }

    /// <inheritdoc/>
    public sealed override LabeledData Load(DatasetLocator locator)
    {
        var folder = locator.Locate(Origin, options.Path);
        return new LabeledData(Read(folder, "train", 60_000), Read(folder, "t10k", 10_000), Classes);
    }

    private ImageSet Read(string folder, string part, int count) => new(
        IdxFile.Read(folder, $"{part}-images-idx3-ubyte", [count, Side, Side], Folder),
        IdxFile.ReadLabels(folder, $"{part}-labels-idx1-ubyte", count, Classes, Folder),
        new SampleShape(1, Side, Side), Scale);
}
