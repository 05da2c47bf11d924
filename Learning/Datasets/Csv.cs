using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Datasets;

/// <summary>A table in a file of your own: some columns are a model's inputs, one is its target.</summary>
/// <remarks>
/// The rows are put in an order by a constant seed, the same in every experiment; the first are the training part, the
/// rest the test part. Mean and standard deviation of each column of numbers, and of a target that is one, are those of
/// the training part. A column of text becomes one input a category, 1 for the row's own and 0 for the others.
/// </remarks>
/// <param name="options">The file and its columns.</param>
[Component("csv", Summary = "A table in a file of your own: columns of numbers or text are a model's inputs, one is "
    + "its target, a class or a number; one may say whose row it is.")]
public sealed partial class Csv(Csv.Options options) : Dataset, ICheckSettings
{
    private const string Comma = "comma", Semicolon = "semicolon", Tab = "tab";
    private const string Class = "class", Number = "number", Refuse = "refuse", LeaveOut = "leave-out";
    private const long SplitSeed = 1;
    private const double SmallestUnit = 1e-4, LargestUnit = 1e7;
    private const int MostClasses = 65_536;

    /// <inheritdoc/>
    public override string Folder => "csv";

    /// <inheritdoc/>
    public override string Task => options.Kind == Class ? LearningTask.Classification : Regression.Key;

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.File.Length == 0) yield return new ValidationError("file", "There is no file to read; name one.");
        if (options.Target.Length == 0)
            yield return new ValidationError("target", "A model needs a target; name a column.");
        if (options.Columns.Contains(options.Target))
            yield return new ValidationError("columns",
                $"{Spelling.Quote(options.Target)} is the target, so it cannot be an input; leave it out.");
        if (options.User.Length > 0 && options.User == options.Target)
            yield return new ValidationError("user",
                $"{Spelling.Quote(options.Target)} is the target, so it cannot say whose a row is; name another one.");
    }

    /// <inheritdoc/>
    public override LabeledData Load(DatasetLocator locator)
    {
        var file = Open(options);
        var names = Names(file);
        var columns = file.Read([.. names.Select(n => (PlaceOf(file, n.Column), n.AsText))],
            options.MissingValues, options.Missing == LeaveOut);
        var rows = columns[0].Count;
        var order = new Seeds(SplitSeed).Stream("csv-split").Permutation(rows);
        var (train, test) = (order[..^TestRows(rows)], order[^TestRows(rows)..]);
        var users = options.User.Length > 0 ? columns[^1] : null;
        var place = names.Count - (users is null ? 1 : 2);
        var inputs = new TableInputs([.. columns.Take(place)], options.Standardize, train, CsvFile.Wrong);
        var scale = ScaleOf(columns[place], train);
        return new LabeledData(Part(inputs, columns[place], scale, users, train),
            Part(inputs, columns[place], scale, users, test),
            options.Kind == Class ? columns[place].Categories.Count : 1)
        {
            Users = users?.Categories ?? [],
        };
    }

    /// <summary>The scale of the target: none of classes.</summary>
    private ColumnScale ScaleOf(CsvColumn target, int[] train)
    {
        if (options.Kind == Class)
            return target.Categories.Count is >= 2 and <= MostClasses ? ColumnScale.None
                : throw CsvFile.Wrong($"The target {Spelling.Quote(target.Name)} of the file '{options.File}' has "
                    + $"{target.Categories.Count} classes; 2 to {MostClasses} are taken. A target that is a number has "
                    + "the kind number.");
        if (target.IsText)
            throw CsvFile.Wrong($"The target {Spelling.Quote(target.Name)} of the file '{options.File}' is text, where "
                + "a number is expected; set kind to class.");
        var scale = options.Standardize ? ColumnScale.Of(target.Numbers, train) : ColumnScale.None;
        CheckUnit(scale.Deviation);
        return scale;
    }

    private static CsvFile Open(Options options) => CsvFile.Open(options.File,
        options.Separator switch { Semicolon => ';', Tab => '\t', _ => ',' }, options.Header, options.Sha256);

    /// <summary>The columns that are read: inputs, the target, and at the end that of users, if there is one.</summary>
    private List<(string Column, bool AsText)> Names(CsvFile file)
    {
        List<(string, bool)> names = [.. (options.Columns.Count > 0
            ? options.Columns
            : file.Columns.Where(c => c != options.Target && c != options.User)).Select(c => (c, false))];
        if (names.Count == 0)
            throw CsvFile.Wrong(
                $"The file '{options.File}' has no column besides the target; a model must be given something.");
        names.Add((options.Target, options.Kind == Class));
        if (options.User.Length > 0) names.Add((options.User, true));
        return names;
    }

    private int TestRows(int rows)
    {
        var test = (int)Portion.Round(options.TestFraction, rows);
        return test > 0 && test < rows ? test
            : throw CsvFile.Wrong($"Of {rows} rows, {test} would be tested on; training and test need one at least: "
                + "set testFraction so.");
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

    private static TableRows Part(
        TableInputs inputs, CsvColumn target, ColumnScale scale, CsvColumn? users, int[] rows)
    {
        Targets targets = target.IsText
            ? new ClassLabels(Array.ConvertAll(rows, r => target.Codes[r]))
            : new TargetValues(Array.ConvertAll(rows, r => scale.Of(target.Numbers[r])), scale.Deviation);
        return new TableRows(inputs.Rows(rows), inputs.Width, targets)
        {
            Users = users is null ? null : Array.ConvertAll(rows, r => users.Codes[r]),
        };
    }
}
