using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Grains.Silos;

/// <summary>
/// What all nodes of a run share on this silo: the experiment, read once, its plan, its test bench, its epoch.
/// </summary>
/// <param name="data">One copy of each dataset.</param>
/// <param name="lanes">Where tests run.</param>
public sealed class RunContexts(DatasetCache data, TrainingLanes lanes)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<RunContext>>> _contexts = [];

    /// <summary>The context of a run; the first caller makes it, on the thread pool.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="experiment">The experiment as canonical JSON.</param>
    /// <exception cref="ExperimentException">The experiment is invalid or its data do not suit.</exception>
    public async Task<RunContext> Get(string run, string experiment)
    {
        var context = _contexts.GetOrAdd(run,
            _ => new Lazy<Task<RunContext>>(() => Task.Run(() => Make(run, experiment))));
        try
        {
            return await context.Value;
        }
        catch
        {
            _contexts.TryRemove(new(run, context)); // a failure is not kept: the data may be there next time
            throw;
        }
    }

    /// <summary>Takes part in an epoch of a run; orders of earlier ones are refused from then on.</summary>
    /// <param name="order">The run and the epoch.</param>
    /// <exception cref="EpochException">A later epoch was entered.</exception>
    /// <exception cref="ExperimentException">The experiment is invalid or its data do not suit.</exception>
    public async Task<RunContext> Enter(EnterOrder order)
    {
        var context = await Get(RunId.Check(order.Run), order.Experiment);
        context.Enter(order);
        return context;
    }

    /// <summary>The context of a run in an epoch.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="EpochException">The silo is not in that epoch.</exception>
    public RunContext Of(string run, long epoch)
    {
        var context = Find(run) ?? throw new EpochException($"The silo has not entered run {run}.");
        return context.Epoch == epoch
            ? context
            : throw new EpochException(
                $"An order of epoch {epoch} of run {run} came to a silo that is in epoch {context.Epoch}.");
    }

    /// <summary>The context of a run, whatever its epoch; null if there is none.</summary>
    /// <param name="run">Run id.</param>
    public RunContext? Find(string run) =>
        _contexts.TryGetValue(run, out var lazy)
            && lazy is { IsValueCreated: true, Value: { IsCompletedSuccessfully: true } made } ? made.Result : null;

    /// <summary>Nodes that sit on a silo, by run, as far as this one knows; no run without any.</summary>
    /// <param name="silo">Name of the silo.</param>
    public Dictionary<string, int> Seated(string silo) => _contexts.Keys
        .Select(run => (Run: run, Nodes: Find(run)?.Seats.Count(s => s.Value == silo) ?? 0))
        .Where(r => r.Nodes > 0).ToDictionary(r => r.Run, r => r.Nodes);

    /// <summary>Lets go of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">The last epoch that the caller knows of; in a later one the silo stays.</param>
    /// <returns>Whether nothing of it is left.</returns>
    public bool Forget(string run, long epoch)
    {
        if (Find(run) is { } made && made.Epoch > epoch) return false;
        if (_contexts.TryRemove(run, out var context) && context.Value.IsCompletedSuccessfully)
            context.Value.Result.Dispose();
        return true;
    }

    private RunContext Make(string run, string json)
    {
        var experiment = ExperimentReader.Read(json, []);
        return new RunContext(run, Plan.Of(experiment, data), lanes);
    }
}

/// <summary>What all nodes of a run share on one silo.</summary>
public sealed class RunContext : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private readonly Plan _base;
    private volatile Seating _seating;
    private (Seating Seating, int Round, Dictionary<string, int> Silos)? _summing; // guarded by the gate

    /// <summary>The context of a run.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="plan">What follows from the experiment.</param>
    /// <param name="lanes">Where tests run.</param>
    public RunContext(string run, Plan plan, TrainingLanes lanes)
    {
        _base = plan;
        _seating = new Seating(0, plan, [], []);
        Bench = new TestBench(plan, lanes, run, _ended.Token);
    }

    /// <summary>What follows from the experiment and the changes of its members.</summary>
    public Plan Plan => _seating.Plan;

    /// <summary>Epoch that the silo is in; 0 before any.</summary>
    public long Epoch => _seating.Epoch;

    /// <summary>Tests models.</summary>
    public TestBench Bench { get; }

    /// <summary>Names of the silos that nodes sit on.</summary>
    public IReadOnlyList<string> Silos => _seating.Silos;

    /// <summary>Name of the silo that a node sits on.</summary>
    /// <param name="node">Its rank.</param>
    /// <exception cref="EpochException">It sits nowhere.</exception>
    public string SiloOf(int node)
    {
        var seating = _seating;
        return node >= 0 && node < seating.Seats.Length && seating.Seats[node] >= 0
            ? seating.Silos[seating.Seats[node]]
            : throw new EpochException($"Node {node} has no seat in epoch {seating.Epoch}.");
    }

    /// <summary>Name of the silo by rank, for all nodes that have a seat.</summary>
    public IReadOnlyDictionary<int, string> Seats
    {
        get
        {
            var seating = _seating;
            return seating.Seats.Index().Where(s => s.Item >= 0)
                .ToDictionary(s => s.Index, s => seating.Silos[s.Item]);
        }
    }

    /// <summary>
    /// Silos that may sum what their nodes trained in a round as they end, by name, with the number of those nodes: the
    /// silos with some.
    /// </summary>
    /// <param name="round">Round, from 0.</param>
    public IReadOnlyDictionary<string, int> SummingSilos(int round)
    {
        lock (_gate)
        {
            var seating = _seating;
            if (_summing is { } known && known.Round == round && known.Seating == seating) return known.Silos;
            var silos = !seating.Plan.Protocol.StreamsAggregation
                ? new(StringComparer.Ordinal)
                : seating.Plan.Row(seating.Plan.Members(round).Server, round, 0).Select(r => r.Node)
                    .Where(n => n < seating.Seats.Length && seating.Seats[n] >= 0)
                    .CountBy(n => seating.Silos[seating.Seats[n]]).Where(s => s.Value >= Routes.FewestStreaming)
                    .ToDictionary(StringComparer.Ordinal);
            _summing = (seating, round, silos);
            return silos;
        }
    }

    /// <summary>The plan with changes of the members.</summary>
    /// <param name="changes">All changes that were made while the run went on.</param>
    public Plan PlanWith(IEnumerable<MemberChange> changes) => _base.With([.. changes.Select(c =>
        new MembershipChange { Round = c.Round, Add = [.. c.Add], Remove = [.. c.Remove] })]);

    /// <summary>Takes part in an epoch.</summary>
    /// <param name="order">The epoch.</param>
    internal void Enter(EnterOrder order)
    {
        lock (_gate)
        {
            if (order.Epoch < _seating.Epoch)
                throw new EpochException(
                    $"Epoch {order.Epoch} of run {order.Run} is over: the silo is in epoch {_seating.Epoch}.");
            _seating = new Seating(order.Epoch, PlanWith(order.Changes), order.Silos, order.Seats);
        }
    }

    /// <summary>Cancels tests that are under way.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    private sealed record Seating(long Epoch, Plan Plan, string[] Silos, int[] Seats);
}
