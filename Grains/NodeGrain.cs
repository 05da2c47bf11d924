using System.Diagnostics;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Orleans.Placement;

namespace Orleans.FL.Grains;

/// <summary>A seat with a learner: the address of one node.</summary>
/// <remarks>Everything that takes time runs on the silo's lanes or is awaited; only <see cref="Read"/> and <see cref="KeepBest"/> interleave, and they touch no field.</remarks>
[DevicePlacement, Immovable]
internal sealed class NodeGrain(
    RunContexts contexts, TrainingLanes lanes, PublishedUpdates published, UpdateReader reader, ILocalSiloDetails silo)
    : Grain, INodeGrain
{
    private string _run = "";
    private int _rank;
    private RunContext? _context;
    private Learner? _learner;
    private int _trained = -1;
    private PhaseReport? _trainReport;

    private Learner Me => _learner ?? throw new InvalidOperationException(
        $"Node {this.GetPrimaryKeyString()} holds no learner: its silo was lost and the node has not joined again.");

    private RunContext Context => _context ?? throw new InvalidOperationException($"Node {this.GetPrimaryKeyString()} has not joined.");

    public async Task<Seat> Join(JoinOrder order, CancellationToken cancellation)
    {
        if (_learner is null)
        {
            _context = await contexts.Get(order.Run, order.Experiment).WaitAsync(cancellation);
            (_run, _rank) = (order.Run, order.Seat.Rank);
            _learner = new Learner(_context.Plan, _rank);
            published.Publish(_run, 0, _rank, ReadRequest.After, 0, new Update(_learner.Weights));
            this.DelayDeactivation(Timeout.InfiniteTimeSpan); // lanes work for it between calls
        }
        return order.Seat with
        {
            Silo = silo.Name,
            Device = string.Join(", ", lanes.Devices.Select(d => d.Name).Distinct()),
            Samples = Context.Plan.TrainIndices(_rank).Length,
        };
    }

    public async Task<PhaseReport> Train(int round, CancellationToken cancellation)
    {
        var me = Me;
        if (_trained == round && _trainReport is { } done) return done; // a repeated call
        reader.Trim(_run, round);
        var (result, seconds) = await lanes.Run(_run, (lane, stop) =>
        {
            var start = Stopwatch.GetTimestamp();
            return (me.Train(lane, round, stop), Stopwatch.GetElapsedTime(start).TotalSeconds);
        }, cancellation);
        _trained = round;
        var sent = Tell(round, 0);
        return _trainReport = new PhaseReport(Training: ToSums(result.Metrics), SentBytes: sent, Steps: result.Steps, TrainSeconds: seconds);
    }

    public async Task<PhaseReport> Combine(int round, int exchange, int[] absent, CancellationToken cancellation)
    {
        var (me, plan) = (Me, Context.Plan);
        long received = 0, wire = 0;
        reader.Trim(_run, round);
        var row = plan.Row(_rank, round, exchange, absent.Length == 0 ? null : absent.ToHashSet());
        var heard = await Task.WhenAll(row.Select(async peer =>
        {
            if (peer.Node == _rank) return new Heard(_rank, peer.Weight, me.Compose(exchange));
            var (update, wireBytes) = await reader.Get(_run, 0, peer.Node, round, exchange, plan.Layout.Length, cancellation);
            received += update.Bytes;
            wire += wireBytes;
            return new Heard(peer.Node, peer.Weight, update);
        }));
        await lanes.Run(_run, (_, _) =>
        {
            me.Combine(round, exchange, Hearing.Of(heard));
            return true;
        }, cancellation);
        var sent = exchange + 1 < plan.Exchanges.Count ? Tell(round, exchange + 1) : Remember(round);
        return new PhaseReport(SentBytes: sent, ReceivedBytes: received, WireBytes: wire);
    }

    public async Task<PhaseReport> Evaluate(int round, CancellationToken cancellation)
    {
        var (weights, bench) = (Me.Weights, Context.Bench);
        var validation = bench.Validate(_rank, weights);
        var test = bench.Test(weights);
        var local = bench.TestLocally(_rank, weights);
        await Task.WhenAll(validation, test, local).WaitAsync(cancellation);
        return new PhaseReport(Validation: ToSums(await validation), Test: ToSums(await test), LocalTest: ToSums(await local));
    }

    public Task KeepBest(int rounds)
    {
        var (run, rank) = Key();
        if (published.Find(run, 0, rank, ReadRequest.After, rounds) is { } weights) published.Publish(run, 0, rank, ReadRequest.Best, 0, weights);
        return Task.CompletedTask;
    }

    public Task<WeightChunk> Read(ReadRequest request)
    {
        var (run, rank) = Key();
        return published.Read(run, rank, request);
    }

    public Task Leave()
    {
        published.Forget(_run, _rank);
        contexts.Forget(_run);
        reader.Trim(_run, int.MaxValue);
        (_learner, _context) = (null, null);
        this.DelayDeactivation(TimeSpan.Zero);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <summary>Run and rank as the key tells; for calls that interleave, which read no field.</summary>
    private (string Run, int Rank) Key()
    {
        var key = this.GetPrimaryKeyString();
        var slash = key.LastIndexOf('/');
        return (key[..slash], int.Parse(key.AsSpan(slash + 1)));
    }

    private static Sums ToSums(MetricSum sum) => new(sum.Samples, sum.Correct, sum.LossFixed, sum.NotFinite);

    /// <summary>Publishes what the node tells in an exchange, and its weights; gives the payload bytes told.</summary>
    private long Tell(int round, int exchange)
    {
        Remember(round);
        if (exchange >= Context.Plan.Exchanges.Count) return 0;
        var update = Me.Compose(exchange);
        published.Publish(_run, 0, _rank, round, exchange, update);
        return update.Bytes * Context.Plan.Listeners(_rank, round, exchange);
    }

    /// <summary>Publishes the node's weights as those after the round; the last to be so published are those.</summary>
    private long Remember(int round)
    {
        published.Publish(_run, 0, _rank, ReadRequest.After, round + 1, new Update(Me.Weights));
        return 0;
    }
}
