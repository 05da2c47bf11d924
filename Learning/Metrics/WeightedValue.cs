namespace Orleans.FL.Learning.Metrics;

/// <summary>A value of a metric.</summary>
/// <param name="Value">The value; NaN for none.</param>
/// <param name="Weight">Its weight in a mean, 0 or more.</param>
public readonly record struct WeightedValue(double Value, double Weight = 1)
{
    /// <summary>No value.</summary>
    public static WeightedValue None { get; } = new(double.NaN, 0);
}
