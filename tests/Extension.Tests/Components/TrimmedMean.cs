using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Components;

namespace Orleans.FL.Extension.Tests.Components;

/// <summary>The mean of each value without the smallest and the largest ones.</summary>
/// <param name="options">How many are left out at either end.</param>
[Component("own-trimmed-mean", Summary = "Each value is the mean over the updates without its extremes.",
    Source = "Yin et al., Byzantine-Robust Distributed Learning, ICML 2018, arXiv:1803.01498, Definition 2")]
public sealed class TrimmedMean(TrimmedMean.Options options) : CoordinateAggregator
{
    /// <summary>Options of <see cref="TrimmedMean"/>.</summary>
    public sealed record Options
    {
        /// <summary>Values left out at either end.</summary>
        [Option("Values that are left out at either end.", Min = 0, Max = 1000)]
        public int Trimmed { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override int Fewest => 2 * options.Trimmed + 1;

    /// <inheritdoc/>
    protected override float Combine(Span<float> values)
    {
        values.Sort();
        var sum = 0.0;
        foreach (var value in values[options.Trimmed..^options.Trimmed]) sum += value;
        return (float)(sum / (values.Length - 2 * options.Trimmed));
    }
}
