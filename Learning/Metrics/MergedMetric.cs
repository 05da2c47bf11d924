namespace Orleans.FL.Learning.Metrics;

/// <summary>The value of a metric in a round: of a node, or of the round itself.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Value">The value; NaN if one that it was merged from is not finite.</param>
/// <param name="Weight">Its weight in a mean.</param>
public readonly record struct MergedMetric(string Metric, double Value, double Weight)
{
    /// <summary>The values of a node in a round; metrics that it emitted nothing of are left out.</summary>
    /// <param name="metrics">The run's metrics; others are passed over.</param>
    /// <param name="emissions">
    /// What the node emitted, in any order. An update that was composed more than once counts once.
    /// </param>
    public static IEnumerable<MergedMetric> Of(IReadOnlyList<Metric> metrics, IEnumerable<Emission> emissions)
    {
        var once = emissions.Where(e => e.Exchange == Emission.Done)
            .Concat(emissions.Where(e => e.Exchange != Emission.Done).DistinctBy(e => (e.Metric, e.Exchange, e.Place)))
            .ToLookup(e => e.Metric, e => new WeightedValue(e.Value, e.Weight));
        return metrics.Where(m => once.Contains(m.Name)).Select(m => (m.Name, Merged: m.Merge(once[m.Name])))
            .Select(m => new MergedMetric(m.Name, m.Merged.Value, m.Merged.Weight));
    }
}
