using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Plans;

/// <summary>
/// How long rounds of synchronous take: in each, a node waits for those that it receives from, and the round for those
/// that trained.
/// </summary>
/// <remarks>
/// A link carries all that its node sends, or receives, in an exchange, one after the other. A node that only receives,
/// because it did not take part, is not waited for; it begins its next round when it has received. Absences are
/// not known here.
/// </remarks>
/// <param name="plan">The run's plan.</param>
/// <param name="nodes">The nodes.</param>
internal sealed class BarrierSchedule(Plan plan, ScheduledNodes nodes) : RoundSchedule
{
    private readonly Dictionary<int, double> _ready = []; // when a node has done with what it does
    private ScheduledNodes _nodes = nodes;
    private double _now;

    /// <inheritdoc/>
    protected override ScheduledRound Next(int round)
    {
        var (ranks, server) = (plan.Protocol.Participants(round), plan.Members(round).Server);
        if (_nodes.Server is { } before && before != server) _nodes = _nodes with { Server = server };
        foreach (var node in ranks) _ready[node] = Math.Max(_now, _ready.GetValueOrDefault(node));
        foreach (var node in plan.Protocol.CatchingUp(round))
            _ready[node] = _nodes.Available(node,
                _ready[node] + _nodes.Transfer(node, _nodes.Bytes(node, plan.Exchanges.Count - 1)));
        foreach (var node in ranks.Where(n => plan.Trains(n, round)))
            _ready[node] = _nodes.Available(node, _nodes.Available(node, _ready[node]) + _nodes.Training(node));
        for (var exchange = 0; exchange < plan.Exchanges.Count; exchange++) Exchange(ranks, round, exchange);
        _now = ranks.Where(n => n == _nodes.Server || plan.Trains(n, round)).Select(n => _ready[n]).Append(_now).Max();
        return new ScheduledRound(_now, [], []);
    }

    private void Exchange(IReadOnlyList<int> ranks, int round, int exchange)
    {
        var sent = new Dictionary<int, double>();
        var received = new Dictionary<int, double>();
        foreach (var node in ranks.Where(n => plan.Receives(n, round, exchange)))
        {
            var others = plan.Row(node, round, exchange).Select(r => r.Node).Where(n => n != node).ToList();
            if (others.Count == 0) continue;
            var last = others.Max(n => sent.TryGetValue(n, out var t) ? t : sent[n] = SentAt(n, round, exchange));
            received[node] = _nodes.Available(node,
                Math.Max(_ready[node], last + _nodes.Transfer(node, _nodes.Bytes(node, exchange) * others.Count)));
        }
        foreach (var (node, at) in sent) _ready[node] = Math.Max(_ready[node], at);
        foreach (var (node, at) in received) _ready[node] = Math.Max(_ready[node], at);
    }

    private double SentAt(int node, int round, int exchange) =>
        _ready[node] + _nodes.Transfer(node, _nodes.Bytes(node, exchange) * plan.ReceiverCount(node, round, exchange));
}
