using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>A table of numbers in a file of your own: some columns are a model's inputs, one is its target.</summary>
/// <remarks>
/// The rows are put in an order by a constant seed, the same in every experiment; the first are the training part, the
/// rest the test part. Mean and standard deviation of each column, and of the target, are those of the training part.
/// </remarks>
/// <param name="options">The file and its columns.</param>
[Component("csv", Summary = "A table of numbers in a file of your own: input columns of a model, and its target.")]
public sealed class Csv(Csv.Options options) : Dataset, ICheckSettings
{
    private const string Comma = "comma", Semicolon = "semicolon", Tab = "tab";
    private const long SplitSeed = 1;
    private const double SmallestUnit = 1e-4, LargestUnit = 1e7;

    /// <summary>Options of <see cref="Csv"/>.</summary>
    public sealed record Options : IReadFiles
    {
        /// <summary>The file.</summary>
        [Option("The file, from the folder of the experiment file. It must be at this place on each silo.", Max = 4096)]
        public string File { get; init; } = "";

        /// <summary>SHA-256 of the file.</summary>
        [Option("SHA-256 of the file, in lower-case hex, so that each silo has the same; "
            + "filled in when the experiment file is read.", Max = 64)]
        public string Sha256 { get; init; } = "";

        /// <summary>The column that a model is to predict.</summary>
        [Option("The column that a model is to predict: its name, or its number from 1 where there is no header.",
            Max = 200)]
        public string Target { get; init; } = "";

        /// <summary>The columns that a model is given.</summary>
        [Option("The columns that a model is given, by name; empty = all but the target.")]
        public EquatableList<string> Columns { get; init; } = [];

        /// <summary>Whether the first line names the columns.</summary>
        [Option("Whether the first line names the columns.")]
        public bool Header { get; init; } = true;

        /// <summary>What is between two fields.</summary>
        [Option("What is between two fields.", Values = [Comma, Semicolon, Tab])]
        public string Separator { get; init; } = Comma;

        /// <summary>Share of the rows that models are tested on.</summary>
        [Option("Share of the rows that models are tested on, and not trained on.",
            Min = 0, Max = 1, AboveMin = true, BelowMax = true)]
        public double TestFraction { get; init; } = 0.2;

        /// <summary>Whether columns are brought to mean 0 and standard deviation 1.</summary>
        [Option("Whether each column, the target too, is brought to mean 0 and standard deviation 1, "
            + "as of the training part. Errors are reported in the target's own unit.")]
        public bool Standardize { get; init; } = true;

        /// <inheritdoc/>
        public object Read(string folder)
        {
            if (File.Length == 0) return this;
            var path = Path.GetFullPath(Path.Combine(folder, File));
            return this with { File = path, Sha256 = Sha256.Length > 0 ? Sha256 : CsvFile.Hash(path) };
        }
    }

    /// <inheritdoc/>
    public override string Folder => "csv";

    /// <inheritdoc/>
    public override string Task => Regression.Key;

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.File.Length == 0) yield return new ValidationError("file", "There is no file to read; name one.");
        if (options.Target.Length == 0)
            yield return new ValidationError("target", "A model needs a target; name a column.");
        if (options.Columns.Contains(options.Target))
            yield return new ValidationError("columns",
                $"{Spelling.Quote(options.Target)} is the target, so it cannot be an input; leave it out.");
    }

    /// <inheritdoc/>
    public override LabeledData Load(DatasetLocator locator)
    {
        var separator = options.Separator switch { Semicolon => ';', Tab => '\t', _ => ',' };
        var file = CsvFile.Open(options.File, separator, options.Header, options.Sha256);
        int[] places = [.. (options.Columns.Count > 0 ? options.Columns : file.Columns.Where(c => c != options.Target))
            .Append(options.Target).Select(c => PlaceOf(file, c))];
        if (places.Length < 2)
            throw CsvFile.Wrong(
                $"The file '{options.File}' has no column besides the target; a model must be given something.");
        var values = file.Read(places);
        var rows = values.Length / places.Length;
        var test = (int)Portion.Round(options.TestFraction, rows);
        if (test == 0 || test == rows)
            throw CsvFile.Wrong($"Of {rows} rows, {test} would be tested on; training and test need one at least: "
                + "set testFraction so.");
        var order = new Seeds(SplitSeed).Stream("csv-split").Permutation(rows);
        var scales = new ColumnScale[places.Length];
        for (var c = 0; c < scales.Length; c++)
            scales[c] = options.Standardize
                ? ColumnScale.Of(values, c, places.Length, order.AsSpan(0, rows - test))
                : ColumnScale.None;
        CheckUnit(scales[^1].Deviation);
        return new LabeledData(Part(values, scales, order.AsSpan(0, rows - test)),
            Part(values, scales, order.AsSpan(rows - test)), Outputs: 1);
    }

    private int PlaceOf(CsvFile file, string column)
    {
        for (var i = 0; i < file.Columns.Count; i++)
            if (file.Columns[i] == column) return i;
        throw CsvFile.Wrong($"The file '{options.File}' has no column {Spelling.Quote(column)}; "
            + $"it has {Spelling.Clean(string.Join(", ", file.Columns))}."
            + Spelling.DidYouMean(column, file.Columns));
    }

    /// <summary>Errors are summed in the target's own unit, exactly, and so within bounds.</summary>
    private void CheckUnit(double deviation)
    {
        if (deviation is < SmallestUnit or > LargestUnit)
            throw CsvFile.Wrong($"The standard deviation of {Spelling.Quote(options.Target)} is {deviation}; "
                + $"bring the column to a unit in which it is from {SmallestUnit} to {LargestUnit}.");
    }

    private static TableRows Part(double[] values, ColumnScale[] scales, ReadOnlySpan<int> chosen)
    {
        var columns = scales.Length - 1; // the last is the target
        var (inputs, targets) = (new float[chosen.Length * columns], new float[chosen.Length]);
        for (var i = 0; i < chosen.Length; i++)
        {
            var row = values.AsSpan(chosen[i] * scales.Length, scales.Length);
            for (var c = 0; c < columns; c++) inputs[i * columns + c] = scales[c].Of(row[c]);
            targets[i] = scales[^1].Of(row[^1]);
        }
        return new TableRows(inputs, columns, new TargetValues(targets, scales[^1].Deviation));
    }
}
