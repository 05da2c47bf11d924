using System.Text.RegularExpressions;

namespace Orleans.FL.Silo.Options;

/// <summary>Reads what a silo says of itself: <c>zone=a,gpu=a100</c>.</summary>
internal static partial class SiloLabels
{
    /// <summary>Reads labels.</summary>
    /// <param name="text">The labels, apart by commas.</param>
    /// <returns>The labels by key, and a sentence for each that is none.</returns>
    public static (IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string> Errors) Parse(string text)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var label in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Pattern().Match(label) is not { Success: true } match)
                errors.Add($"'{label}' is no label; give KEY=VALUE of letters, digits, '.', '_' and '-', "
                    + "up to 63 each, as in zone=a.");
            else if (!labels.TryAdd(match.Groups[1].Value, match.Groups[2].Value))
                errors.Add($"'{match.Groups[1].Value}' is given twice.");
        }
        return (labels, errors);
    }

    [GeneratedRegex(@"^([A-Za-z0-9][A-Za-z0-9._-]{0,62})=([A-Za-z0-9][A-Za-z0-9._-]{0,62})$")]
    private static partial Regex Pattern();
}
