using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>The small digits of scikit-learn: grey images of 8 × 8 pixels, values 0 to 16.</summary>
/// <remarks>
/// The file has no training part of its own: a permutation with a constant seed, the same in every experiment, puts
/// 1,437 rows (four fifths) in the training part and the other 360 in the test part.
/// </remarks>
/// <param name="options">Where the file is.</param>
[Component("digits", Summary = "1,437 + 360 grey images of 8 x 8 pixels of handwritten digits, as in scikit-learn.",
    Source = "Alpaydin, Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998; scikit-learn's load_digits")]
public sealed class Digits(Digits.Options options) : Dataset
{
    private const string File = "digits.csv";
    private const int Rows = 1_797;
    private const int TrainRows = 1_437;
    private const int Classes = 10;
    private const int Maximum = 16;
    private const long SplitSeed = 1_797;

    private static readonly SampleShape Shape = new(1, 8, 8);
    // Mean and standard deviation of the training part's pixels over 16.
    private static readonly PixelScale Scale = new(Maximum, [0.3053], [0.376]);

    /// <summary>Options of <see cref="Digits"/>.</summary>
    public sealed record Options : DatasetOptions;

    /// <inheritdoc/>
    public override string Folder => Origin.Name;

    /// <inheritdoc/>
    public override DatasetOrigin Origin { get; } = new("digits", [File])
    {
        SystemFolders =
        [
            "usr/share/datasets/digits",
            "usr/lib/python3/dist-packages/sklearn/datasets/data",
            "usr/local/lib/python3/dist-packages/sklearn/datasets/data",
        ],
        Package = new DebianPackage("python3-sklearn", "usr/lib/python3/dist-packages/sklearn/datasets/data"),
    };

    /// <inheritdoc/>
    public override LabeledData Load(DatasetLocator locator)
    {
        using var file = DataFile.Open(locator.Locate(Origin, options.Path), File, Folder);
        int Largest(int column) => column < Shape.Length ? Maximum : Classes - 1;
        var rows = new ByteTable(file, Rows, Shape.Length + 1, Largest).Read();
        var order = new Seeds(SplitSeed).Stream("digits-split").Permutation(Rows);
        return new LabeledData(Part(rows, order.AsSpan(0, TrainRows)), Part(rows, order.AsSpan(TrainRows)), Classes);
    }

    private static ImageSet Part(byte[][] rows, ReadOnlySpan<int> chosen)
    {
        var pixels = new byte[chosen.Length * Shape.Length];
        var labels = new int[chosen.Length];
        for (var i = 0; i < chosen.Length; i++)
        {
            var row = rows[chosen[i]];
            row.AsSpan(0, Shape.Length).CopyTo(pixels.AsSpan(i * Shape.Length));
            labels[i] = row[^1];
        }
        return new ImageSet(pixels, labels, Shape, Scale);
    }
}
