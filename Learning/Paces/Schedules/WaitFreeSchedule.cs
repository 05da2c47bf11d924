namespace Orleans.FL.Learning.Paces.Schedules;

/// <summary>
/// Nodes that wait for nobody: each trains, publishes, mixes with what its neighbours published last, and goes on.
/// </summary>
/// <remarks>
/// All trainings of all nodes, in the order of (time at which the model is published, rank), are cut into rounds: a
/// round is as long as nobody's second training ends in it, and as no node publishes in it to a receiver that has
/// already mixed in it. So in a round no node needs what another does later, and a node that mixes receives what is
/// published at that very moment, too: where all are equally fast, a round is a synchronous one. Publishing takes a
/// node's link once for each receiver; receiving takes no time, for models lie in the receiver's mailbox.
/// </remarks>
internal sealed class WaitFreeSchedule : RoundSchedule
{
    private const int Mix = 1;

    private readonly ScheduledNodes _nodes;
    private readonly Func<int, bool> _mixes;
    private readonly PriorityQueue<int, (double Seconds, int Node)> _ends = new();
    private readonly Dictionary<int, int> _trainings;

    /// <summary>The schedule of such nodes.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="mixes">Whether a node mixes after a training, by the number of those before it.</param>
    public WaitFreeSchedule(ScheduledNodes nodes, Func<int, bool> mixes)
    {
        (_nodes, _mixes) = (nodes, mixes);
        _trainings = nodes.Ranks.ToDictionary(n => n, _ => 0);
        foreach (var node in nodes.Ranks) Begin(node, 0);
    }

    /// <inheritdoc/>
    protected override ScheduledRound Next(int round)
    {
        var ended = new Dictionary<int, Finish>();
        var now = 0.0;
        while (_ends.TryPeek(out var node, out var at) && Fits(node, at.Seconds, ended))
        {
            now = at.Seconds;
            _ends.Dequeue();
            ended[node] = new Finish(node, now, null, _trainings[node]++);
            Begin(node, now);
        }
        return new ScheduledRound(now, [.. ended.Values], []);
    }

    private bool Fits(int node, double seconds, Dictionary<int, Finish> ended) => !ended.ContainsKey(node)
        && !_nodes.Receivers(node)
            .Any(h => ended.TryGetValue(h, out var before) && before.Seconds < seconds && _mixes(before.Trainings));

    private void Begin(int node, double now)
    {
        var trained = _nodes.Available(node, now) + _nodes.Training(node);
        var sent = trained + _nodes.Transfer(node, _nodes.Bytes(node, Mix) * _nodes.Receivers(node).Count);
        _ends.Enqueue(node, (_nodes.Available(node, sent), node));
    }
}
