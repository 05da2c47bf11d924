using System.Globalization;
using System.Text;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Datasets;

/// <summary>A column of a table: numbers, or names of some categories.</summary>
/// <remarks>It holds numbers if its first value is one; a value of the other kind is refused, for it is rather a
/// mistake in one line than a category.</remarks>
/// <param name="name">Its name.</param>
/// <param name="asText">Whether its values are names, whatever they look like.</param>
/// <param name="rows">Most rows that are added.</param>
internal sealed class CsvColumn(string name, bool asText, int rows)
{
    /// <summary>Most categories of a column.</summary>
    public const int MostCategories = 1 << 20;

    private const double LargestNumber = 1e15;
    private const int LongestName = 200, ShownOfField = 40;

    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private double[] _values = []; // numbers, or places in the order in which categories came
    private bool _holdsText;
    private IReadOnlyList<string>? _categories;
    private int[]? _coded;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Number of values.</summary>
    public int Count { get; private set; }

    /// <summary>Whether its values are names.</summary>
    public bool IsText => asText || _holdsText;

    /// <summary>The numbers.</summary>
    public ReadOnlySpan<double> Numbers => _values.AsSpan(0, Count);

    /// <summary>The names that occur, each once: in the order of numbers where all are such, else of Unicode.</summary>
    public IReadOnlyList<string> Categories => _categories ??= Ordered();

    /// <summary>For each row, the place of its name among <see cref="Categories"/>.</summary>
    public int[] Codes => _coded ??= Coded();

    /// <summary>Adds a value.</summary>
    /// <param name="field">The value, as UTF-8 without blanks around it; not empty.</param>
    /// <returns>What is wrong with it; null if nothing is.</returns>
    public string? Add(ReadOnlySpan<byte> field)
    {
        var isNumber = double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) <= LargestNumber;
        if (Count == 0)
        {
            _values = new double[rows];
            _holdsText = !isNumber && !double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        }
        if (!IsText)
        {
            if (!isNumber) return $"{Shown(field)} in the column {Spelling.Quote(name)} is no number of at most 1E15 "
                + "in magnitude";
            _values[Count++] = number;
            return null;
        }
        if (!asText && isNumber)
            return $"{Shown(field)} in the column {Spelling.Quote(name)} is a number, where the lines before hold text";
        if (field.Length > LongestName)
            return $"{Shown(field)}… in the column {Spelling.Quote(name)} has {field.Length} bytes; at most "
                + $"{LongestName} are taken";
        var text = Encoding.UTF8.GetString(field);
        if (!_codes.TryGetValue(text, out var code))
        {
            if (_codes.Count == MostCategories)
                return $"the column {Spelling.Quote(name)} holds more than {MostCategories} different names";
            _codes[text] = code = _codes.Count;
        }
        _values[Count++] = code;
        return null;
    }

    private static string Shown(ReadOnlySpan<byte> field) =>
        Spelling.Quote(Encoding.UTF8.GetString(field[..Math.Min(field.Length, ShownOfField)]));

    private List<string> Ordered() => _codes.Keys.All(k => IsNumber(k, out _))
        ? [.. _codes.Keys.OrderBy(k => IsNumber(k, out var n) ? n : 0).ThenBy(k => k, StringComparer.Ordinal)]
        : [.. _codes.Keys.Order(StringComparer.Ordinal)];

    private int[] Coded()
    {
        var place = new int[_codes.Count];
        for (var i = 0; i < Categories.Count; i++) place[_codes[Categories[i]]] = i;
        return Array.ConvertAll(_values[..Count], v => place[(int)v]);
    }

    private static bool IsNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
