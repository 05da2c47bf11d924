using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>The mean, each update by the weight that algorithm and topology give it.</summary>
[Component("weighted-mean", Summary = "The mean of the updates, each by the weight that algorithm and topology give "
    + "it; one bad update moves it at will.")]
public sealed class WeightedMean : Aggregator
{
    /// <inheritdoc/>
    public override Sight Sight => Sight.Sums;

    /// <inheritdoc/>
    public override Aggregation Over(IReadOnlyList<ReceivedUpdate> received) => part => ReceivedUpdates.Of(
        [.. received.Select(r => r with { Update = new Update(part(r.Update)) })]).Mean();
}
