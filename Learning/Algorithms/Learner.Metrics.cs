using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>The metrics that a node emits.</summary>
public sealed partial class Learner : IMetricSink
{
    private const int Nothing = -2; // stands for what is not recorded

    private readonly List<Emission> _emitted = [];
    private int _composing = Emission.Done; // the exchange for which it composes an update
    private int _composedIn = -1; // round of the updates that it composed

    /// <inheritdoc/>
    /// <remarks>
    /// From any hook. A few values a round are fine, one a batch is too many: each is sent to the coordinator.
    /// What is emitted while an update is composed counts once, however often it is composed, and not at all if nobody
    /// else receives the update. A step that fails has emitted nothing.
    /// </remarks>
    public void Emit(Metric metric, double value, double weight = 1)
    {
        ArgumentNullException.ThrowIfNull(metric);
        if (!(weight >= 0 && double.IsFinite(weight)))
            throw new ArgumentOutOfRangeException(
                nameof(weight), weight, $"A weight of {metric.Name} is 0 or more, and finite.");
        if (_composing == Nothing || _plan.Metrics.All(m => m.Name != metric.Name)) return;
        _emitted.Add(new(metric.Name, value, weight, _composing, _emitted.Count(e => e.Exchange == _composing)));
    }

    /// <inheritdoc/>
    public void Emit<T>(double value, double weight = 1) where T : Metric
    {
        if (_plan.Metrics.OfType<T>().FirstOrDefault() is { } metric) Emit(metric, value, weight);
    }

    /// <summary>What it emitted since it was last asked, or since its <see cref="State"/> was set.</summary>
    /// <param name="round">The round that it is for, from 0; what belongs to updates of another one is left
    /// out.</param>
    public IReadOnlyList<Emission> TakeEmitted(int round)
    {
        if (_emitted.Count == 0) return [];
        Emission[] taken = [.. _emitted.Where(e => e.Exchange == Emission.Done || _composedIn == round)];
        _emitted.Clear();
        return taken;
    }

    /// <summary>Composes an update; what it emits takes the place of what was emitted for it before.</summary>
    private T Composing<T>(int exchange, Func<T> compose)
    {
        if (_plan.Metrics.Count == 0) return compose();
        _emitted.RemoveAll(e => e.Exchange == exchange || (e.Exchange != Emission.Done && _composedIn != _round));
        (_composing, _composedIn) = (exchange, _round);
        try
        {
            return compose();
        }
        finally
        {
            _composing = Emission.Done;
            if (_emitted.Exists(e => e.Exchange == exchange) && !IsSentToOthers(exchange))
                _emitted.RemoveAll(e => e.Exchange == exchange);
        }
    }

    /// <summary>Composes what is not sent: what is emitted meanwhile does not count.</summary>
    private T Unrecorded<T>(Func<T> compose)
    {
        var composing = _composing;
        _composing = Nothing;
        try
        {
            return compose();
        }
        finally
        {
            _composing = composing;
        }
    }

    /// <summary>Emits what was emitted while it trained ahead, and what the run's metrics measure of the
    /// training.</summary>
    private void Measure(LocalResult result)
    {
        if (_plan.Metrics.Count == 0) return;
        _emitted.AddRange(result.Emitted);
        var node = new TrainedNode(RoundStart, result.Weights, Layout, Samples, result.Metrics.Loss, result.Steps);
        foreach (var metric in _plan.Metrics)
            if (metric.AfterTraining(node) is var (value, weight)) Emit(metric, value, weight);
    }
}
