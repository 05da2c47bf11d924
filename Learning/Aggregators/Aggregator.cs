using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>
/// Makes one model of the updates that a node receives in an exchange: it is what algorithms get as their mean.
/// </summary>
/// <remarks>
/// Stateless. Derive from <see cref="CoordinateAggregator"/> for rules that look at one coordinate at a time, from
/// <see cref="DistanceAggregator"/> for rules that choose updates by their distances, or from this class for all
/// others. What a server broadcasts is never aggregated.
/// </remarks>
public abstract class Aggregator
{
    /// <summary>What it must see.</summary>
    public abstract Sight Sight { get; }

    /// <summary>
    /// Fewest updates that it can make a model of; smaller rows are refused, before the start where they
    /// are known then.
    /// </summary>
    public virtual int Fewest => 1;

    /// <summary>Looks at the updates of a row.</summary>
    /// <param name="received">The updates, in ascending order of rank, at least <see cref="Fewest"/>; all values are
    /// finite. The receiver's own is among them if its row holds it.</param>
    /// <returns>What makes one vector of the same vector of each update; called once for the weights and once for each
    /// auxiliary vector.</returns>
    public abstract Aggregation Over(IReadOnlyList<ReceivedUpdate> received);
}
