using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records.Reports;

/// <summary>What all nodes did in one round.</summary>
/// <param name="Round">The round.</param>
/// <param name="Nodes">One report a node, absent ones too, in rank order.</param>
/// <param name="Seconds">Seconds from the start of the round to its end.</param>
/// <param name="WireBytes">Payload bytes that came to a silo from another one; 0 on one silo.</param>
public sealed record RoundReport(int Round, IReadOnlyList<NodeReport> Nodes, double Seconds, long WireBytes)
{
    /// <summary>
    /// Simulated seconds from the start of the run to the end of the round; NaN where only the wall clock counts.
    /// </summary>
    public double SimulatedSeconds { get; init; } = double.NaN;

    /// <summary>
    /// Staleness of the updates that made the round's model: models that were made while a node trained. NaN where
    /// nothing gets stale.
    /// </summary>
    public Spread Staleness { get; init; } = Spread.None;

    /// <summary>Rank of the node whose test on the shared samples is the round's, because it holds the model that the
    /// run is about; null where the round's is the mean over the nodes. One not tested does not count.</summary>
    public int? Model { get; init; }

    /// <summary>Values of metrics that are the round's rather than a node's; mostly none.</summary>
    public EquatableList<MergedMetric> Metrics { get; init; } = [];

    /// <summary>Number of nodes that took part.</summary>
    public int Present => Nodes.Count(n => n.Present);

    /// <summary>Loss and metrics over the training batches of all nodes: each sample counts once.</summary>
    public MetricSums Training => Sum(n => n.Training);

    /// <summary>Loss and metrics over the validation samples of all nodes: each sample counts once.</summary>
    public MetricSums Validation => Sum(n => n.Validation);

    /// <summary>Loss on the shared test samples: mean, least and most over the nodes tested, or that of
    /// <see cref="Model"/>.</summary>
    public Spread TestLoss => Tested(sum => sum.Loss);

    /// <summary>Loss on each node's own test samples: mean, least and most over the nodes tested.</summary>
    public Spread LocalTestLoss => Over(n => n.LocalTest, sum => sum.Loss);

    /// <summary>A metric on the shared test samples: mean, least and most over the nodes tested, or that of
    /// <see cref="Model"/>.</summary>
    /// <param name="metric">A metric of the run's task.</param>
    public Spread Test(TaskMetric metric) => Tested(metric.Of);

    /// <summary>A metric on each node's own test samples: mean, least and most over the nodes tested.</summary>
    /// <param name="metric">A metric of the run's task.</param>
    public Spread LocalTest(TaskMetric metric) => Over(n => n.LocalTest, metric.Of);

    /// <summary>Bytes of payload, as encoded, that nodes sent to other nodes; counted at the sender.</summary>
    public long PayloadBytes => Nodes.Sum(n => n.SentBytes);

    /// <summary>Optimiser steps of all nodes.</summary>
    public long Steps => Nodes.Sum(n => n.Steps);

    /// <summary>Seconds of training of all nodes, added up.</summary>
    public double TrainSeconds => Nodes.Sum(n => n.TrainSeconds);

    /// <summary>The report with what happened in simulated time.</summary>
    /// <param name="round">What happened; null where only the wall clock counts.</param>
    public RoundReport At(ScheduledRound? round) =>
        round is null
            ? this
            : this with { SimulatedSeconds = round.Seconds, Staleness = round.Staleness, Metrics = [.. round.Metrics] };

    /// <summary>
    /// The round's value of a metric: that of all nodes, merged by its rule; NaN if none emitted it.
    /// </summary>
    /// <param name="metric">The metric.</param>
    public double ValueOf(Metric metric) =>
        metric.Merge(Nodes.SelectMany(n => n.Metrics).Concat(Metrics)
            .Where(m => m.Metric == metric.Name).Select(m => new WeightedValue(m.Value, m.Weight))).Value;

    private MetricSums Sum(Func<NodeReport, MetricSums> part) =>
        Nodes.Aggregate(MetricSums.Zero, (sum, node) => sum + part(node));

    private Spread Tested(Func<MetricSums, double> measure) =>
        Nodes.FirstOrDefault(n => n.Node == Model && n.Test.Samples > 0) is { } model
            ? Spread.Of([measure(model.Test)])
            : Over(n => n.Test, measure);

    private Spread Over(Func<NodeReport, MetricSums> part, Func<MetricSums, double> measure) =>
        Spread.Of(Nodes.Select(part).Where(sum => sum.Samples > 0).Select(measure));
}
