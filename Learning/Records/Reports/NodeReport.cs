using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Learning.Records.Reports;

/// <summary>What one node did in one round.</summary>
/// <param name="Node">Rank of the node.</param>
/// <param name="Round">The round.</param>
/// <param name="Training">Over its training batches of the round, each before its step.</param>
/// <param name="Validation">Over its validation samples; zero samples if it holds none.</param>
/// <param name="Test">Over the test samples that all nodes share; zero samples in a round without test.</param>
/// <param name="LocalTest">Over test samples drawn by the node's own priors; zero samples if there are none.</param>
/// <param name="SentBytes">Payload that it sent to other nodes, in bytes as encoded.</param>
/// <param name="ReceivedBytes">Payload that it received from other nodes, in bytes as encoded.</param>
/// <param name="Steps">Optimiser steps taken.</param>
/// <param name="TrainSeconds">Seconds that training took, without the wait for a lane.</param>
/// <param name="Absence">Why it missed the round, or why its training did not count; null if it was present.</param>
public sealed record NodeReport(
    int Node, int Round, MetricSums Training, MetricSums Validation, MetricSums Test, MetricSums LocalTest,
    long SentBytes, long ReceivedBytes, long Steps, double TrainSeconds, string? Absence)
{
    /// <summary>What its algorithm found of others and wants recorded; mostly nothing.</summary>
    public EquatableList<PeerScore> PeerScores { get; init; } = [];

    /// <summary>Values of the metrics that it emitted; mostly none.</summary>
    public EquatableList<MergedMetric> Metrics { get; init; } = [];

    /// <summary>Whether the node took part in the whole round.</summary>
    public bool Present => Absence is null;

    /// <summary>The node's value of a metric; NaN if it emitted none.</summary>
    /// <param name="metric">The metric.</param>
    public double ValueOf(Metric metric) =>
        metric.Merge(Metrics.Where(m => m.Metric == metric.Name)
            .Select(m => new WeightedValue(m.Value, m.Weight))).Value;

    /// <summary>The report of a node that missed a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">The round.</param>
    /// <param name="reason">Why it missed it.</param>
    public static NodeReport Absent(int node, int round, string reason) =>
        new(node, round, default, default, default, default, 0, 0, 0, 0, reason);
}
