using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Orleans.Placement;

namespace Orleans.FL.Grains;

/// <summary>Speaks for one silo. Its calls interleave: what they share is safe for many threads.</summary>
[SiloPlacement, Immovable]
internal sealed partial class SiloGrain(
    RunContexts contexts, NodeStates states, NodeSnapshots snapshots, PublishedUpdates published, PartialSums sums, UpdateReader reader, SharedTests tests, TrainingLanes lanes,
    SiloTraffic traffic, RunningExperiments running, ILocalSiloDetails local, IOptions<FederationOptions> options) : Grain, ISiloGrain
{
    private readonly Dictionary<(string Run, long Epoch, int Rounds, bool Publish, bool Best, bool Snapshot), Task<Settlement>> _settling = [];

    public async Task<SiloReport> Describe()
    {
        var devices = await Task.Run(() => lanes.Devices.Select(d => d.Name).ToArray()); // the first call may load libtorch
        return new SiloReport(options.Value.SiloName, local.SiloAddress.Endpoint.ToString(), [.. options.Value.Labels], devices, lanes.Busy,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, Environment.WorkingSet, states.Count(), running.Leaving);
    }

    public async Task<Entry> Enter(EnterOrder order)
    {
        await contexts.Enter(order);
        return new Entry(options.Value.SiloName, lanes.Count, traffic.Now, WorkedFor(order.Run));
    }

    /// <summary>Settles once, however often it is asked while it is at it.</summary>
    public Task<Settlement> Settle(SettleOrder order)
    {
        contexts.Of(order.Run, order.Epoch);
        var key = (order.Run, order.Epoch, order.Rounds, order.Publish, order.Best, order.Snapshot);
        if (_settling.TryGetValue(key, out var under)) return under;
        var settling = _settling[key] = SettleOnce(order);
        _ = settling.ContinueWith(_ => _settling.Remove(key), TaskScheduler.Current);
        return settling;
    }

    private async Task<Settlement> SettleOnce(SettleOrder order)
    {
        var settled = order.Nodes.Zip(order.Versions, (node, version) => (Node: node, State: Settle(order, node, version))).ToList();
        var written = order.Snapshot ? await Task.Run(() => snapshots.Write(order.Run, settled)) : [];
        return new Settlement(written, traffic.Now, WorkedFor(order.Run));
    }

    public Task Forget(string run, long epoch)
    {
        if (contexts.Find(run) is { } context && context.Epoch > epoch) return Task.CompletedTask;
        contexts.Forget(run);
        states.Forget(run);
        reader.Trim(run, int.MaxValue);
        lanes.Forget(run);
        return Task.CompletedTask;
    }

    public Task<WeightChunk> ReadSum(SumRequest request)
    {
        contexts.Of(request.Run, request.Epoch);
        return sums.Read(request);
    }

    public Task<TestAnswer> Test(TestRequest request) => tests.Answer(contexts.Of(request.Run, request.Epoch), request);

    public Task<Traffic> Traffic() => Task.FromResult(traffic.Now);

    private LaneSeconds WorkedFor(string run)
    {
        var times = lanes.TimesOf(run);
        return new LaneSeconds(times.Elapsed.TotalSeconds, times.Train.TotalSeconds, times.Combine.TotalSeconds,
            times.Evaluate.TotalSeconds, times.Other.TotalSeconds);
    }

    /// <summary>Names a version of a node's state as that after the round; gives it as a snapshot holds it.</summary>
    private LearnerState Settle(SettleOrder order, int node, StateVersion version)
    {
        var state = states.Find(order.Run, node, version)
            ?? throw new StateLostException($"Node {node} of run {order.Run} does not hold its state of round {version.Round}, step {version.Step}.");
        states.Keep(order.Run, node, new StateVersion(order.Rounds, 0), state);
        var learner = new Learner(contexts.Of(order.Run, order.Epoch).Plan, node) { State = state };
        if (order.Publish) published.Publish(order.Run, order.Epoch, node, ReadRequest.After, order.Rounds, NodeModel.Of(learner));
        if (order.Best) states.KeepBest(order.Run, node, learner.Tested);
        if (states.Best(order.Run, node) is not { } best) return state;
        if (order.Publish) published.Publish(order.Run, order.Epoch, node, ReadRequest.Best, 0, new Update(best));
        return state with { Memory = new SortedDictionary<string, ParameterVector>(state.Memory.ToDictionary(), StringComparer.Ordinal) { [NodeGrain.BestVector] = best } };
    }
}
