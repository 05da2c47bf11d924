using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Aggregators;

/// <summary>
/// An aggregator that gives the updates new weights by how far they are from each other, and takes their weighted mean.
/// </summary>
/// <remarks>Distances are those of the updates' weights; auxiliary vectors go by the weights found for these.</remarks>
public abstract class DistanceAggregator : Aggregator
{
    /// <inheritdoc/>
    public sealed override Sight Sight => Sight.Distances;

    /// <summary>The new weights of the updates.</summary>
    /// <param name="distances">Squared distances between them, by place in the row.</param>
    /// <returns>A weight for each, 0 for those that do not count; not all 0.</returns>
    public abstract IReadOnlyList<double> Weigh(SquaredDistances distances);

    /// <inheritdoc/>
    public sealed override Aggregation Over(IReadOnlyList<ReceivedUpdate> received)
    {
        var chosen = new Lazy<ReceivedUpdate[]>(() =>
        {
            var weights = Weigh(SquaredDistances.Between([.. received.Select(r => r.Update.Weights)]));
            return [.. received.Zip(weights, (r, weight) => r with { Weight = weight }).Where(r => r.Weight != 0)];
        });
        return part =>
            ReceivedUpdates.Of([.. chosen.Value.Select(r => r with { Update = new Update(part(r.Update)) })]).Mean();
    }
}
