using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Loss and accuracy as they cross between silos.</summary>
internal static class SumsConversion
{
    /// <summary>For the wire.</summary>
    /// <param name="sum">Loss and accuracy.</param>
    public static Sums ToSums(this MetricSum sum) => new(sum.Samples, sum.Correct, sum.LossFixed, sum.NotFinite);

    /// <summary>From the wire.</summary>
    /// <param name="sums">Loss and accuracy.</param>
    public static MetricSum ToMetric(this Sums sums) => new(sums.Samples, sums.Correct, sums.LossFixed, sums.NotFinite);
}
