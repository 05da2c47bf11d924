using System.Diagnostics;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Grains.Nodes;

/// <summary>Training of a node: on a lane, or ahead of its round.</summary>
internal sealed partial class NodeGrain
{
    private async Task<PhaseReport> TrainNow(StepOrder order, CancellationToken cancellation)
    {
        var (me, state, context) = Begin(order);
        reader.Trim(Run, order.Round);
        // The round before is over: what the node sent and trained in it would cost a vector until it has trained.
        published.Trim(Run, Rank, order.Round);
        if (_trained?.Round != order.Round) _trained = null;
        var done = _trained is { } before && ReferenceEquals(before.From, state)
            && (!before.Summed || running.Holds(StepOf(order), Rank))
            ? before
            : Arrive(me, state, context.Plan, order) ?? await TrainOnLane(me, state, context, order, cancellation);
        _trained = done;
        me.State = done.To;
        var report = done.Summed ? done.Report
            : (done.Report with { SentBytes = Send(me, order, 0) }).With(me.TakeEmitted(order.Round));
        if (context.Plan.Protocol.StreamsAggregation) me.Weights = me.RoundStart;
        states.Keep(Run, Rank, new StateVersion(order.Round, 1), me.State, order.From);
        return report;
    }

    /// <summary>Takes over what was trained ahead, where nodes go by the clock; null if there is nothing.</summary>
    private Trained? Arrive(Learner me, LearnerState from, Plan plan, StepOrder order)
    {
        if (plan.Protocol.Arrivals is null
            || ahead.Find(Run, order.Epoch, Rank, plan.TrainingRound(Rank, order.Round)) is not { } trained)
            return null;
        var result = me.Arrive(order.Round, trained.Result);
        return new Trained(order.Round, from, me.State,
            new PhaseReport(Training: result.Metrics.ToNumbers(), Steps: result.Steps, TrainSeconds: trained.Seconds)
                .With(me.TakeEmitted(order.Round)), Summed: false);
    }

    private Task<Trained> TrainOnLane(
        Learner me, LearnerState from, RunContext context, StepOrder order, CancellationToken cancellation)
    {
        var sums = Routes.Streams(context.SummingSilos(order.Round).GetValueOrDefault(inventory.Here), lanes.Count);
        return lanes.Train(Run, context.Plan.Model, me.Settings, (lane, stop) =>
        {
            var start = Stopwatch.GetTimestamp();
            var result = me.Train(lane, order.Round, stop);
            var report = new PhaseReport(Training: result.Metrics.ToNumbers(), Steps: result.Steps,
                TrainSeconds: Stopwatch.GetElapsedTime(start).TotalSeconds / lane.Jobs);
            var given = sums ? Give(me, context.Plan, order, lane) : null;
            return new Trained(order.Round, from, me.State,
                (report with { SentBytes = given ?? 0 }).With(me.TakeEmitted(order.Round)), Summed: given is not null);
        }, DeviceOf(context.Plan, Rank), cancellation);
    }

    /// <summary>
    /// Gives what it trained into the silo's sum, while it is in the lane's cache, and keeps nothing of it.
    /// </summary>
    /// <returns>The payload bytes sent; null if the sum is closed, or the server wants nothing from the node.</returns>
    private long? Give(Learner me, Plan plan, StepOrder order, Lane lane)
    {
        // An attacker's update may be refused, so it is published by itself: then nobody but the attacker is absent.
        if (plan.GatherWeight(Rank, order.Round) is not { } weight || me.Attacks(order.Round)) return null;
        var update = me.Compose(0);
        // filters may give vectors that others hold
        var given = plan.Path.IsPlain(Rank, order.Round) && !me.Keeps(update.Weights);
        if (plan.ShapeOf(Rank, 0).Refusal(update) is not null
            || !running.Add(StepOf(order), lane.Index, Rank, weight, update, given))
            return null;
        me.Weights = me.RoundStart;
        return plan.FormatOf(Rank, 0).Bytes * plan.ReceiverCount(Rank, order.Round, 0);
    }
}
