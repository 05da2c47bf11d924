using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.UpdatePaths;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Plans;

/// <summary>Training and exchanges of one simulated round: which node sends what to which, and which nodes are absent
/// from when on.</summary>
/// <remarks>
/// As on a cluster, a node whose update is refused is as before the step, and absent for the rest of the round.
/// </remarks>
/// <param name="plan">The run's plan.</param>
/// <param name="learners">All nodes, by rank.</param>
/// <param name="round">Round, from 0.</param>
/// <param name="absent">The absent nodes, with the reason; more may be added.</param>
/// <param name="traffic">Payload that nodes sent and received, by rank; it is added to.</param>
internal sealed class SimulatedSteps(Plan plan, Learner[] learners, int round, SortedDictionary<int, string> absent,
    (long[] Sent, long[] Received) traffic)
{
    private readonly Dictionary<(int Node, int Exchange), Update> _sent = [];
    private readonly SortedDictionary<int, string> _untrained = [];
    private Dictionary<int, string> _withoutUpdate = [];

    /// <summary>Nodes that take part though their own training failed, with the reason.</summary>
    public IReadOnlyDictionary<int, string> Untrained => _untrained;

    /// <summary>Who missed what.</summary>
    public RoundMisses Misses => new(_withoutUpdate, absent.ToDictionary());

    /// <summary>Trains the nodes that train in the round.</summary>
    /// <param name="train">Trains one node.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What training gave, by rank; null for the others.</returns>
    public async Task<LocalResult?[]> Train(
        Func<Learner, CancellationToken, Task<LocalResult?>> train, CancellationToken cancellation)
    {
        var training = learners.Where(me => plan.Trains(me.Index, round) && IsPresent(me)).ToList();
        var before = StatesOf(training);
        var results = await Task.WhenAll(learners.Select(me =>
            plan.Trains(me.Index, round) && IsPresent(me)
                ? OrMissed(me, train(me, cancellation))
                : Task.FromResult<(LocalResult?, string?)>((null, null))));
        foreach (var (me, (_, reason)) in learners.Zip(results))
            if (reason is not null) MissTraining(me, reason);
        foreach (var me in training.Where(me => IsPresent(me) && !_untrained.ContainsKey(me.Index)))
            if (Send(me, 0, before) is { } reason) MissTraining(me, reason);
        _withoutUpdate = absent.Concat(_untrained).ToDictionary();
        return [.. results.Select(r => r.Item1)];
    }

    /// <summary>One exchange: the nodes that receive combine, and send the result.</summary>
    /// <param name="exchange">Its index.</param>
    /// <param name="onLane">Runs work on a lane.</param>
    /// <returns>The nodes that combined.</returns>
    public async Task<IReadOnlyList<Learner>> Exchange(
        int exchange, Func<Func<Lane, CancellationToken, bool>, Task> onLane)
    {
        var missing = plan.Silent(round, exchange, absent.Keys, _untrained.Keys).ToHashSet();
        var rows = plan.Protocol.Participants(round).Select(n => learners[n])
            .Where(me => IsPresent(me) && plan.Receives(me.Index, round, exchange))
            .Select(me => (Me: me, Row: plan.Row(me.Index, round, exchange, missing))).ToList();
        var before = StatesOf(rows.Select(r => r.Me));
        var refused = await Task.WhenAll(rows.Select(r => Combine(r.Me, exchange, r.Row, onLane)));
        foreach (var ((me, row), reason) in rows.Zip(refused))
        {
            if (reason is not null) absent[me.Index] = reason;
            else traffic.Received[me.Index] += plan.FormatOf(me.Index,
                exchange).Bytes * row.Count(h => h.Node != me.Index);
        }
        foreach (var (me, _) in rows.Where(r => IsPresent(r.Me)))
            if (Send(me, exchange + 1, before) is { } reason) absent[me.Index] = reason;
        return [.. rows.Where(r => r.Row.Count > 0 && IsPresent(r.Me)).Select(r => r.Me)];
    }

    /// <summary>Has the nodes of split sessions send the results.</summary>
    /// <param name="exchange">Index of the exchange that they were in.</param>
    public void AfterSessions(int exchange)
    {
        foreach (var node in plan.Protocol.Participants(round).Where(n => plan.Receives(n, round, exchange)))
            Send(learners[node], exchange + 1, null);
    }

    private static async Task<(LocalResult? Result, string? Reason)> OrMissed(Learner me, Task<LocalResult?> training)
    {
        var before = me.State;
        try
        {
            return (await training, null);
        }
        catch (NotSummableException e)
        {
            me.State = before;
            return (null, e.Message);
        }
    }

    private void MissTraining(Learner me, string reason)
    {
        if (plan.PassesOn(me.Index, round)) _untrained[me.Index] = Plan.Untrained(reason);
        else absent[me.Index] = reason;
    }

    private async Task<string?> Combine(Learner me, int exchange, IReadOnlyList<(int Node, double Weight)> row,
        Func<Func<Lane, CancellationToken, bool>, Task> onLane)
    {
        if (row.Count == 0) return null;
        try
        {
            await onLane((lane, stop) =>
            {
                me.Combine(round, exchange, ReceivedUpdates.Of([.. row.Select(h => new ReceivedUpdate(
                    h.Node, h.Weight, h.Node == me.Index ? me.ComposeOwn(exchange) : _sent[(h.Node, exchange)]))]),
                    lane, stop);
                return true;
            });
            return null;
        }
        catch (Exception e) when (e is RefusedUpdateException or NotSummableException)
        {
            return e.Message;
        }
    }

    /// <summary>Sends what the node sends from an exchange on.</summary>
    /// <returns>Why every receiver would refuse it, in which case the node is as before; null if it is sent.</returns>
    private string? Send(Learner me, int exchange, Dictionary<Learner, LearnerState>? before)
    {
        var bytes = 0L;
        try
        {
            foreach (var (e, update, size, receivers) in me.Outgoing(round, exchange))
            {
                _sent[(me.Index, e)] = update;
                bytes += size * receivers;
            }
            traffic.Sent[me.Index] += bytes;
            return null;
        }
        catch (RefusedUpdateException e)
        {
            me.State = before![me];
            return e.Message;
        }
    }

    private bool IsPresent(Learner me) => !absent.ContainsKey(me.Index);

    private Dictionary<Learner, LearnerState>? StatesOf(IEnumerable<Learner> nodes) =>
        plan.Path.MayRefuse || plan.Codec is not SinglePrecision ? nodes.ToDictionary(me => me, me => me.State) : null;
}
