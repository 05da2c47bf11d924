using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>How the input columns of a table become what a model is given.</summary>
internal sealed class TableInputs
{
    private const int MostInputs = 16_384;
    private const long MostValues = 128 << 20;

    private readonly IReadOnlyList<CsvColumn> _columns;
    private readonly ColumnScale[] _scales;

    /// <summary>Works out the scales.</summary>
    /// <param name="columns">The columns, one or more.</param>
    /// <param name="standardize">Whether numbers are brought to mean 0 and standard deviation 1.</param>
    /// <param name="training">The rows that scales are of.</param>
    /// <param name="wrong">Makes the error of a table with too many inputs.</param>
    public TableInputs(IReadOnlyList<CsvColumn> columns, bool standardize, ReadOnlySpan<int> training,
        Func<string, ExperimentException> wrong)
    {
        _columns = columns;
        _scales = new ColumnScale[columns.Count];
        for (var c = 0; c < columns.Count; c++)
            _scales[c] = standardize && !columns[c].IsText
                ? ColumnScale.Of(columns[c].Numbers, training) : ColumnScale.None;
        var widths = columns.Select(c => (c.Name, Count: (long)WidthOf(c))).ToList();
        var (total, widest) = (widths.Sum(w => w.Count), widths.MaxBy(w => w.Count));
        if (total > MostInputs || total * columns[0].Count > MostValues)
            throw wrong($"The columns become {total} inputs for {columns[0].Count} rows, which is too many: "
                + $"{Spelling.Quote(widest.Name)} alone has {widest.Count} categories; leave it out.");
        Width = (int)total;
    }

    /// <summary>Inputs of a row.</summary>
    public int Width { get; }

    /// <summary>The inputs of some rows, row after row.</summary>
    /// <param name="chosen">Which rows.</param>
    public float[] Rows(int[] chosen)
    {
        var inputs = new float[(long)chosen.Length * Width];
        var first = 0;
        for (var c = 0; c < _columns.Count; c++)
        {
            var column = _columns[c];
            for (var i = 0; i < chosen.Length; i++)
            {
                if (column.IsText) inputs[i * Width + first + column.Codes[chosen[i]]] = 1;
                else inputs[i * Width + first] = _scales[c].Of(column.Numbers[chosen[i]]);
            }
            first += WidthOf(column);
        }
        return inputs;
    }

    private static int WidthOf(CsvColumn column) => column.IsText ? column.Categories.Count : 1;
}
