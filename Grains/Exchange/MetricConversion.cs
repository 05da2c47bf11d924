using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Metrics as they cross between silos and as events hold them.</summary>
internal static class MetricConversion
{
    /// <summary>A phase's report with what the node emitted in it besides.</summary>
    /// <param name="report">The report.</param>
    /// <param name="emitted">What it emitted.</param>
    public static PhaseReport With(this PhaseReport report, IReadOnlyList<Emission> emitted)
    {
        if (emitted.Count == 0) return report;
        var more = emitted.Select(e => new Emitted(e.Metric, e.Value, e.Weight, e.Exchange, e.Place));
        return report with { Metrics = Both(report.Metrics, [.. more]) };
    }

    /// <summary>What was emitted in two phases.</summary>
    /// <param name="one">In one; null for nothing.</param>
    /// <param name="other">In the other; null for nothing.</param>
    public static Emitted[]? Both(Emitted[]? one, Emitted[]? other) =>
        one is null || other is null ? one ?? other : [.. one, .. other];

    /// <summary>The values of a node in a round.</summary>
    /// <param name="emitted">What it emitted in all phases; null for nothing.</param>
    /// <param name="metrics">The run's metrics; others are passed over.</param>
    public static EquatableList<MergedMetric> ToValues(this Emitted[]? emitted, IReadOnlyList<Metric> metrics)
    {
        if (emitted is null) return [];
        var emissions = emitted.Select(e => new Emission(e.Metric, e.Value, e.Weight, e.Exchange, e.Place));
        return [.. MergedMetric.Of(metrics, emissions)];
    }

    /// <summary>The values of a round, by name; null if there are none.</summary>
    /// <param name="report">The round.</param>
    /// <param name="metrics">The run's metrics.</param>
    public static Dictionary<string, double>? ValuesOf(this RoundReport report, IReadOnlyList<Metric> metrics)
    {
        var values = metrics.Select(m => KeyValuePair.Create(m.Name, report.ValueOf(m)))
            .Where(v => double.IsFinite(v.Value)).ToDictionary();
        return values.Count == 0 ? null : values;
    }
}
