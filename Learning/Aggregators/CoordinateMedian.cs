using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>The median of each value over the updates.</summary>
[Component("coordinate-median", Aliases = ["median"], Summary = "Each value is the median of that value over the "
    + "updates, the mean of the two in the middle where their number is even; withstands fewer than half of them.",
    Source = "Yin et al., Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates, ICML 2018, "
        + "arXiv:1803.01498, Definition 1")]
public sealed class CoordinateMedian : CoordinateAggregator
{
    /// <inheritdoc/>
    protected override float Combine(Span<float> values)
    {
        values.Sort();
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (float)(((double)values[middle - 1] + values[middle]) / 2);
    }
}
