using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains.Runs;

/// <summary>Makes events of reports: where the record has NaN for what was not measured, events have null.</summary>
internal static class Events
{
    /// <summary>The event of a round.</summary>
    /// <param name="report">What the nodes did.</param>
    /// <param name="experiment">The experiment.</param>
    /// <param name="absent">The nodes that missed it.</param>
    /// <param name="metrics">The run's metrics.</param>
    public static RoundEvent Of(RoundReport report, Experiment experiment, Absence[] absent, IReadOnlyList<Metric> metrics) => new(
        report.Round, experiment.Rounds, Loss(report.Training), Accuracy(report.Training), Loss(report.Validation),
        Accuracy(report.Validation), Measured(report.TestLoss.Mean), Measured(report.TestAccuracy.Mean),
        Measured(report.TestAccuracy.Min), Measured(report.TestAccuracy.Max), report.Seconds, report.PayloadBytes,
        report.WireBytes, report.Present, report.Nodes.Count, absent.Length == 0 ? null : absent, SimulatedSeconds: Measured(report.SimulatedSeconds),
        FurtherMetrics: report.ValuesOf(metrics));

    private static double? Loss(MetricSum sum) => Measured(sum.Loss);

    private static double? Accuracy(MetricSum sum) => Measured(sum.Accuracy);

    private static double? Measured(double value) => double.IsFinite(value) ? value : null;
}
