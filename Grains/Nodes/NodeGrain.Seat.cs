using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Nodes;

/// <summary>How a node takes its seat, and with which state.</summary>
internal sealed partial class NodeGrain
{
    public async Task<Seat> Join(JoinOrder order, CancellationToken cancellation)
    {
        var context = contexts.Of(Run, order.Epoch);
        if (_epoch == order.Epoch && _rounds == order.Rounds && _seat is { } seat) return seat; // a repeated call
        await StepEnds();
        var state = await StateAfter(order, context.Plan, cancellation);
        _learner = new Learner(context.Plan, Rank) { State = state };
        if (order.Lead is { } lead && context.Plan.Turnover(order.Rounds) is { } change
            && await Lead(_learner, lead, change, context.Plan, cancellation))
            state = _learner.State;
        states.Keep(Run, Rank, new StateVersion(order.Rounds, 0), state);
        if (_trained is { } done && !(done.Round == order.Rounds && ReferenceEquals(done.From, state))) _trained = null;
        published.ForgetOlder(Run, Rank, order.Epoch);
        published.Publish(UpdateAddress.ModelAfter(Run, order.Epoch, Rank, order.Rounds), NodeModel.Of(_learner));
        if (LastBroadcast(context.Plan, order.Rounds) is { } exchange) // for those that missed it
            published.Publish(UpdateAddress.InExchange(Run, order.Epoch, Rank, order.Rounds - 1, exchange),
                _learner.Compose(exchange, forOtherSilos: true));
        this.DelayDeactivation(Timeout.InfiniteTimeSpan); // lanes work for it between calls
        (_epoch, _rounds) = (order.Epoch, order.Rounds);
        return _seat = order.Seat with
        {
            Silo = inventory.Here,
            Device = DeviceOf(context.Plan, Rank) ?? string.Join(", ", lanes.Devices.Select(d => d.Name).Distinct()),
            Samples = context.Plan.TrainIndices(Rank).Length,
        };
    }

    private Task<PhaseReport> CatchUpNow(StepOrder order, CancellationToken cancellation)
    {
        var plan = contexts.Of(Run, order.Epoch).Plan;
        return CombineNow(order with { Round = order.Round - 1 }, plan.Exchanges.Count - 1,
            _ => [(plan.Members(order.Round).Server, 1)], cancellation);
    }

    private async Task<LearnerState> StateAfter(JoinOrder order, Plan plan, CancellationToken cancellation)
    {
        if (states.Find(Run, Rank, order.Held ?? new StateVersion(order.Rounds, 0)) is { } held) return held;
        if (order.Snapshot is { } snapshot)
        {
            var (read, best) = await Read(snapshot, plan, cancellation);
            states.KeepBest(Run, Rank, best);
            return read;
        }
        var fresh = new Learner(plan, Rank);
        if (order.Sponsor >= 0)
        {
            var (update, _) = await reader.Get(UpdateAddress.ModelAfter(Run, order.Epoch, order.Sponsor, order.Rounds),
                NodeModel.Format(plan.Layout), cancellation);
            fresh.Adopt(NodeModel.ToAdopt(update));
        }
        else if (!order.IsNew
            && (order.Held is not null || (order.Rounds > 0 && !plan.Protocol.DropsModel(Rank, order.Rounds))))
        {
            throw new StateLostException(
                $"Node {Rank} of run {Run} has no state after {order.Rounds} rounds, and no checkpoint of it.");
        }
        return fresh.State;
    }

    /// <summary>Makes the node the server of members that have changed, unless it is that already.</summary>
    /// <returns>Whether its state has changed.</returns>
    /// <exception cref="StateLostException">A state that it needs is in no checkpoint.</exception>
    private async Task<bool> Lead(
        Learner me, LeadOrder order, MemberTurnover change, Plan plan, CancellationToken cancellation)
    {
        if (!me.MustLead(change)) return false;
        if (!order.AreKept || (change.ServerChanges && order.Last is null))
            throw new StateLostException($"Node {Rank} of run {Run} is the server from round {change.Round + 1} on, "
                + "and what it needs of nodes before it is in no checkpoint.");
        LearnerState? last = null;
        if (order.Last is { } snapshot)
        {
            (last, var best) = await Read(snapshot, plan, cancellation);
            if (best is not null) states.KeepBest(Run, Rank, best);
        }
        var left = new List<LearnerState>();
        foreach (var gone in order.Left) left.Add((await Read(gone, plan, cancellation)).State);
        me.Lead(change, last, left);
        return true;
    }

    /// <summary>The state that a checkpoint holds of a node, and its best weights, if it has any.</summary>
    private async Task<(LearnerState State, ParameterVector? Best)> Read(
        NodeSnapshot snapshot, Plan plan, CancellationToken cancellation)
    {
        var read = await snapshots.Read(Run, snapshot, plan.Layout.Length, plan.Layout.TrainableLength)
            .WaitAsync(cancellation);
        return (read with
        {
            Memory = new SortedDictionary<string, ParameterVector>(read.Memory.Where(m => m.Key != BestVector)
                .ToDictionary(m => m.Key, m => m.Value), StringComparer.Ordinal),
        }, read.Memory.GetValueOrDefault(BestVector));
    }

    /// <summary>
    /// The exchange in which the server sent its model at the end of the last round, if this node is the server now;
    /// null if there is none.
    /// </summary>
    private int? LastBroadcast(Plan plan, int rounds) =>
        rounds > 0 && plan.EndsInBroadcast && plan.Members(rounds).Server == Rank ? plan.Exchanges.Count - 1 : null;
}
