using System.Globalization;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Tasks;

/// <summary>A number that a task measures, and how it follows from the exact sums.</summary>
/// <param name="Name">Its name in files: lower case, as in <c>test_accuracy</c>.</param>
/// <param name="Of">The number; NaN if the sums do not give one.</param>
/// <param name="LargerIsBetter">Whether more is better, as of accuracy, or less, as of an error.</param>
public sealed record TaskMetric(string Name, Func<MetricSums, double> Of, bool LargerIsBetter)
{
    /// <summary>
    /// Whether a number is better than another; what is not a number is not better, and nothing is better than it.
    /// </summary>
    /// <param name="value">The number.</param>
    /// <param name="other">The other.</param>
    public bool IsBetter(double value, double other) => LargerIsBetter ? value > other : value < other;

    /// <summary>Its name in JSON behind another word: <c>testAccuracy</c>.</summary>
    /// <param name="before">The word before it, e.g. <c>test</c>.</param>
    public string Key(string before) => Key(before, Name);

    /// <summary>The name of a metric in JSON behind another word: <c>testAccuracy</c>.</summary>
    /// <param name="before">The word before it.</param>
    /// <param name="metric">Name of the metric.</param>
    public static string Key(string before, string metric) =>
        before + char.ToUpper(metric[0], CultureInfo.InvariantCulture) + metric[1..];

    /// <summary>The name of the metric that a key is made of.</summary>
    /// <param name="before">The word before it.</param>
    /// <param name="key">What <see cref="Key(string, string)"/> gave.</param>
    public static string NameIn(string before, string key) => key.Length > before.Length
        ? char.ToLower(key[before.Length], CultureInfo.InvariantCulture) + key[(before.Length + 1)..] : key;
}
