using System.Text.RegularExpressions;

namespace Orleans.FL.Learning.Metrics;

/// <summary>A named scalar of a round with a rule that merges it over nodes.</summary>
/// <remarks>
/// An experiment chooses metrics by name in <c>metrics</c>; a component that implements <see cref="IEmitMetrics"/>
/// brings its own. Each is a column of <c>metrics.csv</c> and <c>nodes.csv</c>, a member of <c>metrics.jsonl</c> and of
/// the round's event, and a TensorBoard curve. Stateless.
/// </remarks>
public abstract partial class Metric
{
    private const int LongestName = 64;

    /// <summary>Declares a metric.</summary>
    /// <param name="name">Column and JSON name: lower-case letters, digits and underscores, a letter first; at
    /// most 64.</param>
    /// <param name="rule">How its values are merged.</param>
    /// <param name="unit">Unit of its values; empty for a plain number.</param>
    /// <exception cref="ArgumentException">The name or the unit could not stand in a CSV file.</exception>
    protected Metric(string name, MergeRule rule, string unit = "")
    {
        if (name.Length > LongestName || !NamePattern().IsMatch(name))
            throw new ArgumentException("A metric's name has lower-case letters, digits and underscores, "
                + $"a letter first, and at most {LongestName} of them; it is a column of CSV files.", nameof(name));
        if (!UnitPattern().IsMatch(unit))
            throw new ArgumentException(
                "A metric's unit has at most 32 printable characters, and no comma or quote.", nameof(unit));
        (Name, Rule, Unit) = (name, rule, unit);
    }

    /// <summary>Column and JSON name.</summary>
    public string Name { get; }

    /// <summary>How its values are merged.</summary>
    public MergeRule Rule { get; }

    /// <summary>Unit of its values; empty for a plain number.</summary>
    public string Unit { get; }

    /// <summary>TensorBoard tag of the round's value.</summary>
    public string Tag => $"metrics/{Name}";

    /// <summary>A metric that a component emits by itself.</summary>
    /// <param name="name">Column and JSON name.</param>
    /// <param name="rule">How its values are merged.</param>
    /// <param name="unit">Unit of its values; empty for a plain number.</param>
    public static Metric Of(string name, MergeRule rule, string unit = "") => new Emitted(name, rule, unit);

    /// <summary>
    /// Its value at a node that has just trained; null for none. Asked once a round of each that trains.
    /// </summary>
    /// <param name="node">What training gave.</param>
    public virtual WeightedValue? AfterTraining(TrainedNode node) => null;

    /// <summary>One value of many: exact except for one rounding at the end, so their order makes no
    /// difference.</summary>
    /// <param name="values">The values.</param>
    /// <returns>The merged value with the sum of the weights; <see cref="WeightedValue.None"/> over none. NaN if a
    /// value is not finite.</returns>
    public WeightedValue Merge(IEnumerable<WeightedValue> values)
    {
        var (max, min) = (double.NegativeInfinity, double.PositiveInfinity);
        var (sum, finite, any) = (new ExactMean(), true, false);
        foreach (var (value, weight) in values)
        {
            any = true;
            finite &= double.IsFinite(value);
            sum.Add(finite ? value : 0, weight);
            (max, min) = (Math.Max(max, value), Math.Min(min, value));
        }
        if (!any) return WeightedValue.None;
        var merged = Rule switch
        {
            MergeRule.Sum => sum.Sum,
            MergeRule.Mean => sum.Mean,
            MergeRule.Max => max,
            _ => min,
        };
        return new(finite ? merged : double.NaN, sum.Weight);
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[^\p{C}\p{Zl}\p{Zp},""]{0,32}\z")]
    private static partial Regex UnitPattern();

    private sealed class Emitted(string name, MergeRule rule, string unit) : Metric(name, rule, unit);
}
