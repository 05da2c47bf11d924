namespace Orleans.FL.Learning.Metrics;

/// <summary>Mean and extremes of a measure over nodes; all NaN over none, or if any node's value is NaN.</summary>
/// <param name="Mean">Unweighted mean.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
public readonly record struct Spread(double Mean, double Min, double Max)
{
    /// <summary>The spread over no value.</summary>
    public static Spread None { get; } = new(double.NaN, double.NaN, double.NaN);

    /// <summary>The spread of some values, added up in their order; rounding never takes the mean out of their
    /// range.</summary>
    /// <param name="values">The values.</param>
    public static Spread Of(IEnumerable<double> values)
    {
        var (count, sum, min, max) = (0, 0.0, double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            count++;
            sum += value;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
        }
        return count == 0 ? None : new Spread(Math.Clamp(sum / count, min, max), min, max);
    }
}
