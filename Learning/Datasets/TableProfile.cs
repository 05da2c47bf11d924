using System.Globalization;
using System.Text;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>What a table in a file holds, column by column.</summary>
/// <param name="Separator">What is between two fields: comma, semicolon or tab.</param>
/// <param name="Header">Whether the first line names the columns.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">The columns, in the file's order.</param>
public sealed record TableProfile(string Separator, bool Header, int Rows, IReadOnlyList<ColumnProfile> Columns)
{
    private const int StartOfFile = 64 << 10;

    private static readonly string[] Separators = ["comma", "semicolon", "tab"];

    /// <summary>Looks at a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">What is between two fields; null to find out by the first line.</param>
    /// <param name="header">Whether the first line names the columns; null to find out: it does where no field of it is
    /// a number.</param>
    /// <exception cref="ExperimentException">The file is not there, or a line is wrong; says which.</exception>
    public static TableProfile Of(string path, string? separator = null, bool? header = null)
    {
        separator ??= SeparatorOf(path);
        var sign = SignOf(separator);
        header ??= !CsvFile.Open(path, sign, header: false, "").FirstRow().Any(IsNumber);
        var file = CsvFile.Open(path, sign, header.Value, "");
        ColumnProfile[] columns = [.. file.Columns.Select(name => new ColumnProfile(name))];
        var rows = 0;
        file.ReadRows((line, fields) =>
        {
            rows++;
            for (var c = 0; c < columns.Length; c++) columns[c].Add(Encoding.UTF8.GetString(line[fields[c]]).Trim(' '));
        });
        return new TableProfile(separator, header.Value, rows, columns);
    }

    /// <summary>A column by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ExperimentException">There is no such column; names those that there are.</exception>
    public ColumnProfile ColumnOf(string name) => Columns.FirstOrDefault(c => c.Name == name)
        ?? throw new ExperimentException($"The table has no column {Spelling.Quote(name)}; it has "
            + $"{Spelling.Clean(string.Join(", ", Columns.Select(c => c.Name)))}."
            + Spelling.DidYouMean(name, [.. Columns.Select(c => c.Name)]));

    internal static bool IsNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static char SignOf(string separator) => separator switch { "semicolon" => ';', "tab" => '\t', _ => ',' };

    private static string SeparatorOf(string path)
    {
        var line = CsvFile.Start(path, StartOfFile).Split('\n')[0];
        return Separators.MaxBy(s => line.Count(c => c == SignOf(s)))!;
    }
}

/// <summary>What a column of a table holds.</summary>
/// <param name="name">Its name.</param>
public sealed class ColumnProfile(string name)
{
    private const int MostDistinct = 100_000;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private double _sum;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Rows without a value: nothing, <c>?</c> or <c>NA</c>.</summary>
    public int Missing { get; private set; }

    /// <summary>Rows with a number.</summary>
    public int Numbers { get; private set; }

    /// <summary>Rows with text.</summary>
    public int Texts { get; private set; }

    /// <summary>Least number; NaN if there is none.</summary>
    public double Least { get; private set; } = double.NaN;

    /// <summary>Largest number; NaN if there is none.</summary>
    public double Largest { get; private set; } = double.NaN;

    /// <summary>Mean of the numbers; NaN if there is none.</summary>
    public double Mean => Numbers == 0 ? double.NaN : _sum / Numbers;

    /// <summary>Number of different values; of more than 100,000 it is that.</summary>
    public int Distinct => _counts.Count;

    /// <summary>What it holds: numbers, text, both, or nothing.</summary>
    public string Kind => (Numbers, Texts) switch
    {
        (0, 0) => "nothing",
        (_, 0) => "numbers",
        (0, _) => "text",
        _ => "both",
    };

    /// <summary>The ten values that occur most often, with how often; of equal ones the lesser first.</summary>
    public IReadOnlyList<(string Value, int Rows)> Common =>
    [
        .. _counts.OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).Take(10)
            .Select(c => (c.Key, c.Value)),
    ];

    internal void Add(string value)
    {
        if (value is "" or "?" or "NA")
        {
            Missing++;
            return;
        }
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
        {
            Numbers++;
            _sum += number;
            Least = double.IsNaN(Least) ? number : Math.Min(Least, number);
            Largest = double.IsNaN(Largest) ? number : Math.Max(Largest, number);
        }
        else
        {
            Texts++;
        }
        if (_counts.TryGetValue(value, out var count)) _counts[value] = count + 1;
        else if (_counts.Count < MostDistinct) _counts[value] = 1;
    }
}
