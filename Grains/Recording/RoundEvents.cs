using System.Globalization;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Grains.Recording;

/// <summary>Makes events of reports: where the record has NaN for what was not measured, events have null.</summary>
internal static class RoundEvents
{
    /// <summary>The event of a round.</summary>
    /// <param name="report">What the nodes did.</param>
    /// <param name="experiment">The experiment.</param>
    /// <param name="absent">The nodes that missed it.</param>
    /// <param name="metrics">The run's metrics.</param>
    public static RoundEvent Of(
        RoundReport report, Experiment experiment, Absence[] absent, IReadOnlyList<Metric> metrics) =>
        new(report.Round, experiment.Rounds, Measured(report.Training.Loss), Measured(report.Validation.Loss),
            Measured(report.TestLoss.Mean), report.Seconds, report.PayloadBytes, report.WireBytes, report.Present,
            report.Nodes.Count, absent.Length == 0 ? null : absent,
            SimulatedSeconds: Measured(report.SimulatedSeconds), FurtherMetrics: report.ValuesOf(metrics))
        {
            Metrics = new([.. MetricsOf(report, experiment.TaskOrDefault()).Where(m => double.IsFinite(m.Value))]),
        };

    /// <summary>What was measured in a round, for a log line that goes on after it: nothing of what was not measured or
    /// is no number.</summary>
    /// <param name="report">The round.</param>
    /// <param name="main">The metric that is told.</param>
    public static string InWords(RoundReport report, TaskMetric main)
    {
        (string What, double Value)[] all =
            [("train loss", report.Training.Loss), ($"test {main.Name}", report.Test(main).Mean)];
        return string.Concat(all.Where(m => double.IsFinite(m.Value))
            .Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.What} {m.Value:F4}, ")));
    }

    /// <summary>The last test's main metric as the end of a run reports it.</summary>
    /// <param name="test">The metric by its own name; null if nothing was tested.</param>
    public static MetricValues OfTest(MetricValue? test) =>
        test is null ? MetricValues.None : new([test with { Name = TaskMetric.Key("test", test.Name) }]);

    private static IEnumerable<MetricValue> MetricsOf(RoundReport report, LearningTask task)
    {
        foreach (var metric in task.Metrics) yield return new(metric.Key("train"), metric.Of(report.Training));
        foreach (var metric in task.Metrics) yield return new(metric.Key("validation"), metric.Of(report.Validation));
        foreach (var metric in task.Metrics)
        {
            var test = report.Test(metric);
            yield return new(metric.Key("test"), test.Mean);
            yield return new($"{metric.Key("test")}Min", test.Min);
            yield return new($"{metric.Key("test")}Max", test.Max);
        }
    }

    private static double? Measured(double value) => double.IsFinite(value) ? value : null;
}
