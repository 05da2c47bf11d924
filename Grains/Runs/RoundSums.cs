using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Runs;

/// <summary>What the nodes report of the phases of a round, added up.</summary>
internal sealed class RoundSums
{
    private readonly Dictionary<int, PhaseReport> _sums = []; // by rank

    /// <summary>Payload that nodes received so far.</summary>
    public long ReceivedBytes => _sums.Values.Sum(s => s.ReceivedBytes);

    /// <summary>Adds what a phase gave at a node.</summary>
    /// <param name="node">Its rank.</param>
    /// <param name="report">What it gave.</param>
    public void Add(int node, PhaseReport report) =>
        _sums[node] = _sums.TryGetValue(node, out var before) ? Add(before, report) : report;

    /// <summary>The report of the round.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="active">Nodes that were to take part.</param>
    /// <param name="metrics">Metrics that the run records besides.</param>
    /// <param name="absent">Those of them that missed it.</param>
    /// <param name="untrained">Those of them whose training alone failed.</param>
    /// <param name="seconds">How long it took.</param>
    public RoundReport Report(
        int round, IReadOnlyList<int> active, IReadOnlyList<Metric> metrics,
        IReadOnlyDictionary<int, Absence> absent, IReadOnlyDictionary<int, Absence> untrained, double seconds) =>
        new(round + 1, [.. active.Select(node => absent.TryGetValue(node, out var absence)
            ? NodeReport.Absent(node, round + 1, absence.Reason)
            : Report(node, round + 1, metrics) with { Absence = untrained.GetValueOrDefault(node)?.Reason })],
            seconds, _sums.Values.Sum(s => s.WireBytes));

    private NodeReport Report(int node, int round, IReadOnlyList<Metric> metrics)
    {
        var sum = _sums.GetValueOrDefault(node, new PhaseReport());
        return new NodeReport(node, round, MetricSums.OfNumbers(sum.Training),
            MetricSums.OfNumbers(sum.Validation), MetricSums.OfNumbers(sum.Test), MetricSums.OfNumbers(sum.LocalTest),
            sum.SentBytes, sum.ReceivedBytes, sum.Steps, sum.TrainSeconds, null)
        {
            PeerScores = [.. (sum.PeerScores ?? []).Select(f => new PeerScore(f.Measure, f.Other, f.Value))],
            Metrics = sum.Metrics.ToValues(metrics),
        };
    }

    private static Int128[] Add(Int128[]? a, Int128[]? b) =>
        (MetricSums.OfNumbers(a) + MetricSums.OfNumbers(b)).ToNumbers();

    private static PhaseReport Add(PhaseReport a, PhaseReport b) =>
        new(Add(a.Training, b.Training), Add(a.Validation, b.Validation), Add(a.Test, b.Test),
            Add(a.LocalTest, b.LocalTest),
            a.SentBytes + b.SentBytes, a.ReceivedBytes + b.ReceivedBytes, a.WireBytes + b.WireBytes, a.Steps + b.Steps,
            a.TrainSeconds + b.TrainSeconds, PeerScores: a.PeerScores is null || b.PeerScores is null
                ? a.PeerScores ?? b.PeerScores
                : [.. a.PeerScores, .. b.PeerScores], Metrics: MetricConversion.Both(a.Metrics, b.Metrics));
}
