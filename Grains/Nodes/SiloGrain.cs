using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.Placement;

namespace Orleans.FL.Grains.Nodes;

/// <summary>Represents one silo. Its calls interleave: what they share is safe for many threads.</summary>
[SiloPlacement, Immovable]
internal sealed partial class SiloGrain(RunContexts contexts, NodeStates states, NodeSnapshots snapshots,
    PublishedUpdates published, PartialSums sums, BlockAggregates aggregates, UpdateReader reader, SharedTests tests,
    TrainingLanes lanes, SiloTraffic traffic, AheadTrainings ahead, RunningExperiments running, RunningSums runningSums,
    ILocalSiloDetails local, IOptions<FederationOptions> options, TimeProvider time, ILogger<SiloGrain> log)
    : Grain, ISiloGrain
{
    // by run
    private readonly Dictionary<string, ((long Epoch, int Rounds, bool Publish, bool Best, bool Snapshot) Order,
        Task<Settlement> Done)> _settled = [];

    public async Task<SiloReport> Describe()
    {
        // the first call may load libtorch
        var devices = await Task.Run(() => lanes.Devices.Select(d => d.Name).ToArray());
        return new SiloReport(options.Value.SiloName, local.SiloAddress.Endpoint.ToString(), [.. options.Value.Labels],
            devices, lanes.Busy, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Environment.WorkingSet,
            contexts.Seated(options.Value.SiloName), running.Leaving);
    }

    public async Task<Entry> Enter(EnterOrder order)
    {
        await contexts.Enter(order);
        return new Entry(options.Value.SiloName, lanes.Count, traffic.Now, WorkedFor(order.Run),
            await Task.Run(() => lanes.PeakGflops));
    }

    /// <summary>
    /// Settles once, however often it is asked: an answer may be lost, and an idle node no longer holds its state.
    /// </summary>
    public Task<Settlement> Settle(SettleOrder order)
    {
        contexts.Of(order.Run, order.Epoch);
        aggregates.Trim(order.Run, order.Rounds);
        var key = (order.Epoch, order.Rounds, order.Publish, order.Best, order.Snapshot);
        if (_settled.TryGetValue(order.Run, out var last) && last.Order == key
            && last.Done is { IsFaulted: false, IsCanceled: false })
            return last.Done;
        return (_settled[order.Run] = (key, SettleOnce(order))).Done;
    }

    private async Task<Settlement> SettleOnce(SettleOrder order)
    {
        var plan = contexts.Of(order.Run, order.Epoch).Plan;
        int[] idle = [.. order.Nodes.Where(n => plan.Protocol.DropsModel(n, order.Rounds - 1))];
        foreach (var node in idle) _ = MakeIdle(order, node); // one that hangs must not hold the others up
        var nowIdle = idle.ToHashSet();
        var settled = order.Nodes.Zip(order.Versions, (node, version) =>
            (Node: node, State: Settle(order, node, version, nowIdle.Contains(node)))).ToList();
        int[] blank = [.. settled.Where(s => s.State is null).Select(s => s.Node)];
        var kept = settled.Where(s => s.State is not null).Select(s => (s.Node, s.State!)).ToList();
        var written = order.Snapshot ? await Task.Run(() => snapshots.Write(order.Run, kept)) : [];
        return new Settlement(written, traffic.Now, WorkedFor(order.Run), blank);
    }

    private async Task MakeIdle(SettleOrder order, int node)
    {
        published.Forget(order.Run, node);
        try
        {
            await Node(order.Run, node).GoIdle(order.Epoch, order.Rounds);
        }
        catch (Exception e)
        {
            NotMadeIdle(log, e, order.Run, node); // it holds memory until it takes its seat again, and nothing else
        }
    }

    public async Task Forget(string run, long epoch)
    {
        if (!contexts.Forget(run, epoch)) return;
        states.Forget(run);
        runningSums.Forget(run);
        ahead.Forget(run);
        reader.Trim(run, int.MaxValue);
        aggregates.Trim(run, int.MaxValue);
        lanes.Forget(run);
        _settled.Remove(run);
        _seating.Remove(run);
        _steps.Remove(run);
        await Task.WhenAll(published.NodesOf(run).Select(node => Node(run, node).Leave(epoch)));
        _nodes.Remove(run);
    }

    public Task<WeightChunk> ReadSum(SumRequest request)
    {
        contexts.Of(request.Run, request.Epoch);
        return sums.Read(request);
    }

    public Task<WeightChunk> ReadBlock(BlockRequest request)
    {
        contexts.Of(request.Run, request.Epoch);
        return Task.Run(() => published.Read(request));
    }

    public Task<WeightChunk> Aggregate(AggregateRequest request)
    {
        var context = contexts.Of(request.Run, request.Epoch);
        var row = new RowSource(
            UpdateAddress.InExchange(request.Run, request.Epoch, request.Receiver, request.Round, request.Exchange),
            request.Nodes, context.Plan.FormatOf(request.Receiver, request.Exchange), context.SiloOf,
            options.Value.SiloName);
        return aggregates.Read(request, row, context.Plan.Path.Aggregator);
    }

    public Task<TestAnswer> Test(TestRequest request) => tests.Answer(contexts.Of(request.Run, request.Epoch), request);

    public Task TrainAhead(AheadOrder order)
    {
        ahead.Begin(order);
        return Task.CompletedTask;
    }

    public Task<Arrivals> Arrivals(string run, long epoch, int from, CancellationToken cancellation) =>
        ahead.Arrived(run, epoch, from, cancellation);

    public Task Announce(AnnouncedRound announced)
    {
        var plan = contexts.Of(announced.Run, announced.Epoch).Plan;
        var schedule = plan.Protocol.Arrivals
            ?? throw new InvalidOperationException($"The nodes of run {announced.Run} do not go by the clock.");
        plan.Announce(announced.Round, RoundsByClock.Of(announced.Round, announced.Arrivals, schedule.HasServer));
        return Task.CompletedTask;
    }

    public Task<Traffic> Traffic() => Task.FromResult(traffic.Now);

    private LaneSeconds WorkedFor(string run)
    {
        var times = lanes.TimesOf(run);
        return new LaneSeconds(times.Elapsed.TotalSeconds, times.Train.TotalSeconds, times.Combine.TotalSeconds,
            times.Evaluate.TotalSeconds, times.Other.TotalSeconds);
    }

    /// <summary>Names a version of a node's state as that after the round; gives it as a snapshot holds it.</summary>
    /// <returns>Null if the node is idle and keeps nothing that a new node does not have.</returns>
    private LearnerState? Settle(SettleOrder order, int node, StateVersion version, bool isIdle)
    {
        var state = states.Find(order.Run, node, version)
            ?? throw new StateLostException($"Node {node} of run {order.Run} does not hold its state of round "
                + $"{version.Round}, step {version.Step}.");
        var plan = contexts.Of(order.Run, order.Epoch).Plan;
        if (isIdle)
        {
            var left = plan.Protocol.StateWhenIdle(node, state);
            states.Forget(order.Run, node);
            if (left is not null) states.Keep(order.Run, node, new StateVersion(order.Rounds, 0), left);
            return left;
        }
        states.Keep(order.Run, node, new StateVersion(order.Rounds, 0), state);
        var learner = new Learner(plan, node) { State = state };
        if (order.Publish)
            published.Publish(UpdateAddress.ModelAfter(order.Run, order.Epoch, node, order.Rounds),
                NodeModel.Of(learner));
        if (order.Best)
            states.KeepBest(order.Run, node,
                plan.SharedModel(order.Rounds - 1) == node ? learner.Weights : learner.Tested);
        if (states.Best(order.Run, node) is not { } best) return state;
        if (order.Publish) published.Publish(UpdateAddress.BestModel(order.Run, order.Epoch, node), new Update(best));
        return state with
        {
            Memory = new SortedDictionary<string, ParameterVector>(state.Memory.ToDictionary(), StringComparer.Ordinal)
            {
                [NodeGrain.BestVector] = best
            }
        };
    }
}
