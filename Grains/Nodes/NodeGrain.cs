using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.Placement;

namespace Orleans.FL.Grains.Nodes;

/// <summary>A seat with a learner: the address of one node.</summary>
/// <remarks>
/// Everything that takes time runs on the silo's lanes or is awaited; only <see cref="INodeGrain.Read"/> interleaves,
/// and it touches no field.
/// </remarks>
[SiloPlacement, Immovable]
internal sealed partial class NodeGrain(RunContexts contexts, NodeStates states, NodeSnapshots snapshots,
    TrainingLanes lanes, PublishedUpdates published, RunningSums running, UpdateReader reader,
    BlockGather blocks, SharedTests tests, AheadTrainings ahead, SiloInventory inventory, TimeProvider time)
    : Grain, INodeGrain
{
    /// <summary>Name, among the vectors of a snapshot, of the best weights; no algorithm's memory begins so.</summary>
    internal const string BestVector = "~best";

    private static readonly IReadOnlyDictionary<string, int> NoSilos = new Dictionary<string, int>();

    private Seat? _seat;
    private long _epoch;
    private int _rounds; // that were done when it took its seat
    private Learner? _learner;
    private Trained? _trained;
    private (string Run, int Rank)? _key; // read from the grain's once

    private string Run => Key().Run;

    private int Rank => Key().Rank;

    public Task<PhaseReport> Train(StepOrder order, CancellationToken cancellation) =>
        WaitFor(new Step("train", order), stop => TrainNow(order, stop), cancellation);

    public Task<PhaseReport> Combine(StepOrder order, int exchange, int[] absent, CancellationToken cancellation) =>
        WaitFor(new Step($"combine {exchange} without {string.Join(' ', absent)}", order),
            stop => CombineNow(order, exchange, plan => plan.Row(Rank, order.Round, exchange,
                absent.Length == 0 ? null : absent.ToHashSet()), stop), cancellation);

    public Task<PhaseReport> CatchUp(StepOrder order, CancellationToken cancellation) =>
        WaitFor(new Step("catch up", order), stop => CatchUpNow(order, stop), cancellation);

    public Task<PhaseReport> Evaluate(StepOrder order, CancellationToken cancellation) =>
        WaitFor(new Step("test", order), stop => EvaluateNow(order, stop), cancellation);

    public async Task GoIdle(long epoch, int rounds)
    {
        if (epoch != _epoch || _rounds >= rounds) return;
        await StepEnds();
        LetGo();
    }

    public async Task Leave(long epoch)
    {
        if (epoch < _epoch) return;
        await StepEnds();
        published.Forget(Run, Rank);
        states.Forget(Run, Rank);
        LetGo();
    }

    private void LetGo()
    {
        (_learner, _trained, _seat) = (null, null, null);
        this.DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
    }

    private UpdateAddress AddressOf(StepOrder order, int exchange) =>
        UpdateAddress.InExchange(Run, order.Epoch, Rank, order.Round, exchange);

    private SumStep StepOf(StepOrder order) => new(Run, order.Epoch, order.Round);

    private async Task<PhaseReport> CombineNow(StepOrder order, int exchange,
        Func<Plan, IReadOnlyList<(int Node, double Weight)>> rowOf, CancellationToken cancellation)
    {
        var (me, _, context) = Begin(order);
        var plan = context.Plan;
        reader.Trim(Run, order.Round);
        var row = rowOf(plan);
        if (plan.Exchanges[exchange] == ExchangeKind.SplitSession)
        {
            var outcome = row is [var (other, _)]
                ? await RunSplitSessions(me, context, order, exchange, other, cancellation)
                : new PhaseReport();
            states.Keep(Run, Rank, new StateVersion(order.Round, exchange + 2), me.State, order.From);
            var sentBytes = outcome.SentBytes + Send(me, order, exchange + 1);
            return (outcome with { SentBytes = sentBytes }).With(me.TakeEmitted(order.Round));
        }
        var (incoming, received, wire) = await Receive(me, context, order, exchange, row, cancellation);
        if (!me.WorksOnLane(exchange))
        {
            // takes a vector over: not worth a lane's turn
            me.Combine(order.Round, exchange, incoming, cancellation: cancellation);
        }
        else if (plan.Protocol.Arrivals is not null)
        {
            // lanes are with those that train ahead
            await Task.Run(() => me.Combine(order.Round, exchange, incoming, cancellation: cancellation), cancellation);
        }
        else
        {
            await lanes.Run(Run, LaneWork.Combine, (lane, stop) =>
            {
                me.Combine(order.Round, exchange, incoming, lane, stop);
                return true;
            }, DeviceOf(plan, Rank), cancellation);
        }
        states.Keep(Run, Rank, new StateVersion(order.Round, exchange + 2), me.State, order.From);
        var sent = Send(me, order, exchange + 1);
        return new PhaseReport(SentBytes: sent, ReceivedBytes: received, WireBytes: wire,
            PeerScores: me.PeerScores.Count == 0
                ? null
                : [.. me.PeerScores.Select(f => new Found(f.Measure, f.Other, f.Value))])
            .With(me.TakeEmitted(order.Round));
    }

    private async Task<PhaseReport> EvaluateNow(StepOrder order, CancellationToken cancellation)
    {
        var (me, _, context) = Begin(order);
        var weights = me.Tested;
        var validation = context.Bench.Validate(Rank, weights);
        var test = tests.Test(context, Run, order, weights);
        var local = context.Bench.TestLocally(Rank, weights);
        await Task.WhenAll(validation, test, local).WaitAsync(cancellation);
        return new PhaseReport(Validation: (await validation).ToNumbers(), Test: (await test).ToNumbers(),
            LocalTest: (await local).ToNumbers());
    }

    /// <summary>Makes the learner what it was in the version that an order begins with.</summary>
    private (Learner Me, LearnerState State, RunContext Context) Begin(StepOrder order)
    {
        var context = contexts.Of(Run, order.Epoch);
        var state = states.Find(Run, Rank, order.From)
            ?? throw new StateLostException($"Node {Rank} of run {Run} does not hold its state of round "
                + $"{order.From.Round}, step {order.From.Step}.");
        if (_learner is null || _epoch != order.Epoch)
        {
            // When a silo leaves the cluster, Orleans lets activations on others go; seat and state are those of this
            // silo, and are still there.
            (_learner, _epoch) = (new Learner(context.Plan, Rank), order.Epoch);
            this.DelayDeactivation(Timeout.InfiniteTimeSpan);
        }
        _learner.State = state;
        return (_learner, state, context);
    }

    /// <summary>
    /// Receives the updates of a row; those of another silo as one sum, where the algorithm asks for means only, and
    /// aggregated block by block, where the aggregator works so.
    /// </summary>
    private Task<(ReceivedUpdates Incoming, long Received, long Wire)> Receive(Learner me, RunContext context,
        StepOrder order, int exchange, IReadOnlyList<(int Node, double Weight)> row, CancellationToken cancellation)
    {
        // Where sums may be streamed, its own update is gathered as any other: from a sum, or as published.
        var given = Routes.MayStream(context.Plan, exchange);
        var own = given || !row.Any(r => r.Node == Rank) ? null
            : me.Attacks(order.Round) ? me.ComposeOwn(exchange)
            : published.Find(AddressOf(order, exchange)) ?? me.ComposeOwn(exchange);
        var sight = context.Plan.SightOf(Rank, exchange);
        var gather = new GatherOrder(Run, order.Epoch, order.Round, exchange, row, Rank, own,
            context.Plan.FormatOf(Rank, exchange), sight == Sight.Sums,
            given ? context.SummingSilos(order.Round) : NoSilos);
        var aggregator = context.Plan.Path.Aggregator;
        return gather.Format.IsBlockwise
            && Routes.Blocks(row, sight, aggregator.Fewest, context.SiloOf, inventory.Here)
            ? blocks.Gather(gather, aggregator, context.SiloOf, inventory.Here, cancellation)
            : reader.Gather(gather, context.SiloOf, inventory.Here, cancellation);
    }

    /// <summary>
    /// Publishes what the node sends from an exchange on, as long as it receives nothing in between; gives the
    /// payload bytes sent.
    /// </summary>
    private long Send(Learner me, StepOrder order, int exchange)
    {
        var outgoing = 0L;
        foreach (var (e, update, bytes, receivers) in me.Outgoing(order.Round, exchange, forOtherSilos: true))
        {
            published.Publish(AddressOf(order, e), update);
            outgoing += bytes * receivers;
        }
        return outgoing;
    }

    /// <summary>The device that a node is to train on; null for any.</summary>
    internal static string? DeviceOf(Plan plan, int node) =>
        plan.Experiment.Devices.LastOrDefault(d => d.Nodes.Contains(node))?.Device;

    /// <summary>Run and rank from the key.</summary>
    private (string Run, int Rank) Key() => _key ??= KeyOf(this.GetPrimaryKeyString());

    private static (string Run, int Rank) KeyOf(string key)
    {
        var at = key.LastIndexOf('@');
        var slash = key.LastIndexOf('/', at);
        return (key[..slash], int.Parse(key.AsSpan(slash + 1, at - slash - 1)));
    }

    /// <summary>What training gave: a round that is done again from the same state need not be trained again.</summary>
    /// <param name="Round">The round.</param>
    /// <param name="From">What it began with.</param>
    /// <param name="To">What it gave.</param>
    /// <param name="Report">What is reported of it.</param>
    /// <param name="Summed">Whether the trained weights were given into the silo's sum, and are no longer in
    /// <paramref name="To"/>.</param>
    private sealed record Trained(int Round, LearnerState From, LearnerState To, PhaseReport Report, bool Summed);
}
