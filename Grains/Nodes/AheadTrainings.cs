using System.Collections.Concurrent;
using System.Diagnostics;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Grains.Nodes;

/// <summary>
/// Trainings of nodes of this silo that go by the clock: begun before it is known in which rounds they end.
/// Thread-safe.
/// </summary>
/// <remarks>
/// A result is used in the round that the coordinator makes of it; one that is lost is trained again, and has the
/// same bits.
/// </remarks>
/// <param name="contexts">Plans of the runs.</param>
/// <param name="states">States that trainings begin with.</param>
/// <param name="lanes">Where they train.</param>
/// <param name="time">The clock.</param>
public sealed class AheadTrainings(RunContexts contexts, NodeStates states, TrainingLanes lanes, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Epoch> _epochs = [];

    /// <summary>
    /// Begins trainings; those that are under way go on, those of an epoch that is over are given up.
    /// </summary>
    /// <param name="order">Which nodes, from which states.</param>
    /// <exception cref="EpochException">The silo is not in that epoch.</exception>
    /// <exception cref="StateLostException">A node does not hold the state.</exception>
    public void Begin(AheadOrder order)
    {
        var plan = contexts.Of(order.Run, order.Epoch).Plan;
        var epoch = EpochOf(order.Run, order.Epoch);
        for (var i = 0; i < order.Nodes.Length; i++)
        {
            var (node, began, from) = (order.Nodes[i], order.Began[i], order.From[i]);
            var state = states.Find(order.Run, node, from)
                ?? throw new StateLostException(
                    $"Node {node} of run {order.Run} does not hold its state of round {from.Round}, step {from.Step}.");
            epoch.Begin(node,
                began, stop => lanes.Train(order.Run, plan.Model, plan.TrainingOf(node), (lane, cancellation) =>
                {
                    var start = Stopwatch.GetTimestamp();
                    var result = new Learner(plan, node) { State = state }.TrainAhead(lane, began, cancellation);
                    return new AheadTraining(result, Stopwatch.GetElapsedTime(start).TotalSeconds / lane.Jobs);
                }, NodeGrain.DeviceOf(plan, node), stop));
        }
    }

    /// <summary>Waits for trainings to end, some seconds at most.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="number">Epoch of the run.</param>
    /// <param name="from">How many were reported before.</param>
    /// <param name="cancellation">Waits no longer.</param>
    /// <exception cref="EpochException">The silo is not in that epoch.</exception>
    public async Task<Arrivals> Arrived(string run, long number, int from, CancellationToken cancellation)
    {
        contexts.Of(run, number);
        var epoch = EpochOf(run, number);
        var (arrivals, more) = epoch.Since(from);
        if (arrivals.Nodes.Length == 0)
        {
            await more.EndsWithin(CallLimit.AnswersWithin, time, cancellation);
            (arrivals, _) = epoch.Since(from);
        }
        return arrivals;
    }

    /// <summary>The result of a training that has ended; null if it is not there, or failed.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="number">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="began">Rounds done when it began.</param>
    public AheadTraining? Find(string run, long number, int node, int began) =>
        _epochs.TryGetValue(run, out var epoch) && epoch.Number == number ? epoch.Find(node, began) : null;

    /// <summary>Gives up what is under way for a run.</summary>
    /// <param name="run">Run id.</param>
    public void Forget(string run)
    {
        if (_epochs.TryRemove(run, out var epoch)) epoch.Dispose();
    }

    private Epoch EpochOf(string run, long number)
    {
        while (true)
        {
            var epoch = _epochs.GetOrAdd(run, _ => new Epoch(number));
            if (epoch.Number == number) return epoch;
            if (epoch.Number > number) throw new EpochException($"Epoch {number} of run {run} is over.");
            if (_epochs.TryRemove(new(run, epoch))) epoch.Dispose();
        }
    }

    /// <summary>The trainings of one epoch.</summary>
    private sealed class Epoch(long number) : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly CancellationTokenSource _stop = new();
        private readonly Dictionary<int, (int Began, Task<AheadTraining> Done)> _trainings = [];
        private readonly List<(int Node, int Began)> _ended = [];
        private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Number => number;

        public void Begin(int node, int began, Func<CancellationToken, Task<AheadTraining>> train)
        {
            lock (_gate)
            {
                if (_trainings.TryGetValue(node, out var known) && known.Began == began) return;
                var done = train(_stop.Token);
                _trainings[node] = (began, done);
                _ = done.ContinueWith(_ => Ended(node, began), TaskScheduler.Default);
            }
        }

        public AheadTraining? Find(int node, int began)
        {
            lock (_gate)
            {
                return _trainings.TryGetValue(node, out var known) && known.Began == began
                    && known.Done.IsCompletedSuccessfully ? known.Done.Result : null;
            }
        }

        public (Arrivals Arrivals, Task More) Since(int from)
        {
            lock (_gate)
            {
                var ended = _ended[Math.Min(from, _ended.Count)..];
                return (new Arrivals([.. ended.Select(e => e.Node)], [.. ended.Select(e => e.Began)], _ended.Count),
                    _more.Task);
            }
        }

        /// <summary>Gives up what is under way.</summary>
        public void Dispose()
        {
            _stop.Cancel(); // not disposed of: lanes may still look at it
            lock (_gate) _trainings.Clear();
        }

        // One that failed has ended, too: the node says why when it is to train in a round.
        private void Ended(int node, int began)
        {
            lock (_gate)
            {
                _ended.Add((node, began));
                _more.TrySetResult();
                _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}

/// <summary>The result of a training that was begun ahead.</summary>
/// <param name="Result">What it gave.</param>
/// <param name="Seconds">Seconds on its lane.</param>
public sealed record AheadTraining(LocalResult Result, double Seconds);
