using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Codecs;
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
                ? train(me, cancellation)
                : Task.FromResult<LocalResult?>(null)));
        foreach (var me in training) Send(me, 0, before);
        return results;
    }

    /// <summary>One exchange: the nodes that receive combine, and send the result.</summary>
    /// <param name="exchange">Its index.</param>
    /// <param name="onLane">Runs work on a lane.</param>
    /// <returns>The nodes that combined.</returns>
    public async Task<IReadOnlyList<Learner>> Exchange(
        int exchange, Func<Func<Lane, CancellationToken, bool>, Task> onLane)
    {
        var missing = absent.Count == 0 ? null : absent.Keys.ToHashSet();
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
        foreach (var (me, _) in rows.Where(r => IsPresent(r.Me))) Send(me, exchange + 1, before);
        return [.. rows.Where(r => r.Row.Count > 0 && IsPresent(r.Me)).Select(r => r.Me)];
    }

    /// <summary>Has the nodes of split sessions send the results.</summary>
    /// <param name="exchange">Index of the exchange that they were in.</param>
    public void AfterSessions(int exchange)
    {
        foreach (var node in plan.Protocol.Participants(round).Where(n => plan.Receives(n, round, exchange)))
            Send(learners[node], exchange + 1, null);
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
        catch (RefusedUpdateException e)
        {
            return e.Message;
        }
    }

    private void Send(Learner me, int exchange, Dictionary<Learner, LearnerState>? before)
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
        }
        catch (RefusedUpdateException e)
        {
            me.State = before![me];
            absent[me.Index] = e.Message;
        }
    }

    private bool IsPresent(Learner me) => !absent.ContainsKey(me.Index);

    private Dictionary<Learner, LearnerState>? StatesOf(IEnumerable<Learner> nodes) =>
        plan.Path.MayRefuse || plan.Codec is not SinglePrecision ? nodes.ToDictionary(me => me, me => me.State) : null;
}
