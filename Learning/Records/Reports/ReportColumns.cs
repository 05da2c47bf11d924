using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records.Reports;

/// <summary>One number of a report: a CSV column, a JSON member and a TensorBoard curve at once.</summary>
/// <typeparam name="T">The report.</typeparam>
/// <param name="Name">Column and JSON name.</param>
/// <param name="Tag">TensorBoard tag.</param>
/// <param name="Value">Takes the number from a report; NaN = not measured.</param>
public sealed record ReportColumn<T>(string Name, string Tag, Func<T, double> Value);

/// <summary>The numbers that a run records; all files of a run folder are written from these lists.</summary>
/// <remarks>
/// CSV and JSON hold the double in its shortest form that reads back to the same double; TensorBoard holds that double
/// rounded to float32. A number that was not measured, or is not finite, is an empty CSV field and is left out
/// elsewhere. Times are in seconds, sizes in bytes; what is measured follows from the task: cross-entropy in nats and
/// accuracy from 0 to 1, or others.
/// </remarks>
public static class ReportColumns
{
    /// <summary>Numbers of a round, in the order of <c>metrics.csv</c> after <c>round</c>.</summary>
    /// <param name="task">The run's task, whose metrics are among them.</param>
    public static IReadOnlyList<ReportColumn<RoundReport>> OfRound(LearningTask task) =>
    [
        new("seconds", "round/seconds", r => r.Seconds),
        new("nodes", "nodes/all", r => r.Nodes.Count),
        new("present", "nodes/present", r => r.Present),
        new("train_samples", "train/samples", r => r.Training.Samples),
        new("train_loss", "train/loss", r => r.Training.Loss),
        .. task.Metrics.Select(m => Round("train", m, "", r => m.Of(r.Training))),
        new("validation_samples", "validation/samples", r => r.Validation.Samples),
        new("validation_loss", "validation/loss", r => r.Validation.Loss),
        .. task.Metrics.Select(m => Round("validation", m, "", r => m.Of(r.Validation))),
        new("test_loss", "test/loss", r => r.TestLoss.Mean),
        new("test_loss_min", "test/loss_min", r => r.TestLoss.Min),
        new("test_loss_max", "test/loss_max", r => r.TestLoss.Max),
        .. task.Metrics.SelectMany(m => new[]
        {
            Round("test", m, "", r => r.Test(m).Mean), Round("test", m, "_min", r => r.Test(m).Min),
            Round("test", m, "_max", r => r.Test(m).Max),
        }),
        new("local_test_loss", "local_test/loss", r => r.LocalTestLoss.Mean),
        .. task.Metrics.Select(m => Round("local_test", m, "", r => r.LocalTest(m).Mean)),
        new("steps", "round/steps", r => r.Steps),
        new("train_seconds", "round/train_seconds", r => r.TrainSeconds),
        new("payload_bytes", "bytes/payload", r => r.PayloadBytes),
        new("wire_bytes", "bytes/wire", r => r.WireBytes),
        new("simulated_seconds", "round/simulated_seconds", r => r.SimulatedSeconds),
        new("staleness", "round/staleness", r => r.Staleness.Mean),
        new("staleness_max", "round/staleness_max", r => r.Staleness.Max),
    ];

    /// <summary>
    /// Numbers of a node, in the order of <c>nodes.csv</c> after <c>round</c>, <c>node</c> and <c>absence</c>.
    /// </summary>
    /// <remarks>The tag is what follows the node's name, as in <c>node-0003/train_loss</c>.</remarks>
    /// <param name="task">The run's task, whose metrics are among them.</param>
    public static IReadOnlyList<ReportColumn<NodeReport>> OfNode(LearningTask task) =>
    [
        OfNodeNamed("steps", n => n.Steps),
        OfNodeNamed("train_seconds", n => n.TrainSeconds),
        OfNodeNamed("train_samples", n => n.Training.Samples),
        OfNodeNamed("train_loss", n => n.Training.Loss),
        .. Node(task, "train", n => n.Training),
        OfNodeNamed("validation_samples", n => n.Validation.Samples),
        OfNodeNamed("validation_loss", n => n.Validation.Loss),
        .. Node(task, "validation", n => n.Validation),
        OfNodeNamed("test_samples", n => n.Test.Samples),
        OfNodeNamed("test_loss", n => n.Test.Loss),
        .. Node(task, "test", n => n.Test),
        OfNodeNamed("local_test_samples", n => n.LocalTest.Samples),
        OfNodeNamed("local_test_loss", n => n.LocalTest.Loss),
        .. Node(task, "local_test", n => n.LocalTest),
        OfNodeNamed("sent_bytes", n => n.SentBytes),
        OfNodeNamed("received_bytes", n => n.ReceivedBytes),
    ];

    /// <summary>Numbers of a round in a run with further metrics, which come last.</summary>
    /// <param name="task">The run's task.</param>
    /// <param name="metrics">The metrics.</param>
    /// <exception cref="ArgumentException">A metric has the name of another column.</exception>
    public static IReadOnlyList<ReportColumn<RoundReport>> OfRound(LearningTask task, IReadOnlyList<Metric> metrics) =>
        With(OfRound(task), ["round"], metrics, m => new(m.Name, m.Tag, r => r.ValueOf(m)));

    /// <summary>Numbers of a node in a run with further metrics, which come last.</summary>
    /// <param name="task">The run's task.</param>
    /// <param name="metrics">The metrics.</param>
    /// <exception cref="ArgumentException">A metric has the name of another column.</exception>
    public static IReadOnlyList<ReportColumn<NodeReport>> OfNode(LearningTask task, IReadOnlyList<Metric> metrics) =>
        With(OfNode(task), ["round", "node", "absence"], metrics, m => OfNodeNamed(m.Name, n => n.ValueOf(m)));

    /// <summary>A node's name in files and tags: <c>node-0003</c>.</summary>
    /// <param name="node">Rank of the node.</param>
    public static string NameOfNode(int node) => $"node-{node:D4}";

    private static IReadOnlyList<ReportColumn<T>> With<T>(IReadOnlyList<ReportColumn<T>> columns, string[] keys,
        IReadOnlyList<Metric> metrics, Func<Metric, ReportColumn<T>> column)
    {
        HashSet<string> names = [.. keys, .. columns.Select(c => c.Name)];
        return metrics.FirstOrDefault(m => !names.Add(m.Name)) is not { } taken
            ? [.. columns, .. metrics.Select(column)]
            : throw new ArgumentException(
                $"There is a column '{taken.Name}' without the metric of that name; give it another.", nameof(metrics));
    }

    private static ReportColumn<RoundReport> Round(
        string of, TaskMetric metric, string which, Func<RoundReport, double> value) =>
        new($"{of}_{metric.Name}{which}", $"{of}/{metric.Name}{which}", value);

    private static IEnumerable<ReportColumn<NodeReport>> Node(
        LearningTask task, string of, Func<NodeReport, MetricSums> sums) =>
        task.Metrics.Select(m => OfNodeNamed($"{of}_{m.Name}", n => m.Of(sums(n))));

    private static ReportColumn<NodeReport> OfNodeNamed(string name, Func<NodeReport, double> value) =>
        new(name, name, value);
}
