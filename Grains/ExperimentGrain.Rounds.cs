using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Records;
using RunStatus = Orleans.FL.Grains.Interfaces.RunStatus;

namespace Orleans.FL.Grains;

/// <summary>The rounds of a run: seat, train, exchange, combine, test, commit.</summary>
/// <remarks>
/// The barrier between phases is here; data go from node to node. Each phase has a deadline; a node that misses it is
/// absent for the rest of the round, and the round goes on while a quorum is left.
/// </remarks>
internal sealed partial class ExperimentGrain
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PatienceWithLeavers = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<int, string> _unseated = [];
    private INodeGrain[] _nodes = [];
    private long _startedAt;
    private HashSet<int> _behind = [];
    private int _done;
    private bool _seated;
    private (int Round, double Accuracy)? _best;

    private Plan Plan => _context!.Plan;

    private IEnumerable<int> Seated => Enumerable.Range(0, _nodes.Length).Where(n => !_unseated.ContainsKey(n));

    private Experiment Experiment => Plan.Experiment;

    private double Seconds => time.GetElapsedTime(_startedAt).TotalSeconds;

    private async Task Live()
    {
        await Task.Yield(); // Start returns at once
        _startedAt = time.GetTimestamp();
        Log.Started(log, Run, Experiment.Nodes, Experiment.Rounds, Known.Folder);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, running.Stopping);
        try
        {
            await Seat(stop.Token);
            while (_done < Experiment.Rounds)
            {
                await Hold(stop.Token);
                await Round(_done, stop.Token);
            }
            await End(RunState.Finished, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await End(RunState.Stopped, _stop.IsCancellationRequested ? "It was stopped on request." : "Its silo was told to stop.");
        }
        catch (Exception e)
        {
            Log.Lost(log, e, Run, _done);
            await End(RunState.Failed, Sentence(e));
        }
    }

    /// <summary>Seats the nodes: ranks from the registry, learners at the nodes, then the peer list for all to see.</summary>
    private async Task Seat(CancellationToken stop)
    {
        await Enter(RunState.Seating, 0);
        var registry = GrainFactory.GetGrain<IRegistryGrain>(IRegistryGrain.Key);
        var seats = await registry.Seat(Run, [.. Enumerable.Range(0, Experiment.Nodes).Select(i => $"node-{i:D4}")]);
        _nodes = [.. seats.Select(s => GrainFactory.GetGrain<INodeGrain>($"{Run}/{s.Rank}"))];
        var (joined, missing) = await All("seat", [.. seats.Select(s => s.Rank)], TimeSpan.FromSeconds(Experiment.Seating.DeadlineSeconds),
            (node, token) => _nodes[node].Join(new JoinOrder(Run, _json, seats[node]), token), stop);
        foreach (var (node, reason) in missing) _unseated[node] = reason;
        _seated = true;
        RequireQuorum(Experiment.Seating.Quorum, "seating.quorum", missing, "are ready");
        var peers = joined.OrderBy(j => j.Key).Select(j => j.Value).ToArray();
        await registry.Publish(Run, peers);
        var silos = peers.Select(p => p.Silo).Distinct().Count();
        await Task.Run(() => _recorder!.WriteStart(Plan, peers, silos), stop);
        Record(new SeatedEvent(peers.Length, Experiment.Nodes, silos, silos * options.Value.EffectiveLanes,
            Plan.Layout.TrainableLength, Seconds));
        await Enter(RunState.Running, peers.Length);
    }

    private async Task Hold(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_paused is not { } paused) return;
        Record(new PausedEvent(_done));
        await Enter(RunState.Paused, Known.Present);
        await paused.Task.WaitAsync(stop);
        Record(new ResumedEvent(_done));
        await Enter(RunState.Running, Known.Present);
    }

    private async Task Round(int round, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var absent = new SortedDictionary<int, string>(_unseated);
        var sums = new Dictionary<int, PhaseReport>();
        var deadline = TimeSpan.FromSeconds(Experiment.Seating.RoundDeadlineSeconds);

        if (CanCatchUp(round))
            await Phase("catch up", _behind.Contains, (node, token) => _nodes[node].Combine(round - 1, Plan.Exchanges.Count - 1, [], token));
        await Phase("train", node => Plan.Trains(node, round), (node, token) => _nodes[node].Train(round, token));
        for (var e = 0; e < Plan.Exchanges.Count; e++)
        {
            var (exchange, missing) = (e, absent.Keys.ToArray());
            await Phase("exchange", node => Plan.Hears(node, exchange), (node, token) => _nodes[node].Combine(round, exchange, missing, token));
        }
        if (Plan.Tests(round)) await Phase("test", _ => true, (node, token) => _nodes[node].Evaluate(round, token));
        RequireQuorum(Experiment.Seating.RoundQuorum, "seating.roundQuorum", absent, $"are present in round {round + 1}");
        _behind = [.. absent.Keys.Where(n => !_unseated.ContainsKey(n))];
        await Commit(ReportOf(round, sums, absent, time.GetElapsedTime(start).TotalSeconds));

        async Task Phase(string phase, Func<int, bool> takesPart, Func<int, CancellationToken, Task<PhaseReport>> call)
        {
            var nodes = Enumerable.Range(0, _nodes.Length).Where(n => !absent.ContainsKey(n) && takesPart(n)).ToArray();
            var (reports, missing) = await All(phase, nodes, deadline, call, stop);
            foreach (var (node, report) in reports) sums[node] = sums.TryGetValue(node, out var before) ? Add(before, report) : report;
            foreach (var (node, reason) in missing)
            {
                absent[node] = reason;
                Log.Absent(log, Run, round + 1, node, phase, reason);
            }
        }
    }

    /// <summary>Whether nodes that missed the last round can still hear the hub's model of it: a round starts from that one.</summary>
    private bool CanCatchUp(int round) => round > 0 && _behind.Count > 0 && !_behind.Contains(Plan.Hub)
        && Plan.Exchanges is [.., ExchangeKind.Broadcast];

    /// <summary>Calls nodes at the same time and waits for all, the deadline, or the end of the run.</summary>
    private async Task<(Dictionary<int, T> Answers, SortedDictionary<int, string> Missing)> All<T>(
        string phase, int[] nodes, TimeSpan deadline, Func<int, CancellationToken, Task<T>> call, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(deadline, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var answers = new Dictionary<int, T>(nodes.Length);
        var missing = new SortedDictionary<int, string>();
        var shown = long.MinValue;
        await Task.WhenAll(nodes.Select(async node =>
        {
            try
            {
                answers[node] = await call(node, both.Token).WaitAsync(both.Token);
                Progress();
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                missing[node] = $"It missed the deadline of {deadline.TotalSeconds} s ({phase}).";
            }
            catch (Exception e)
            {
                missing[node] = Sentence(e);
            }
        }));
        stop.ThrowIfCancellationRequested();
        return (answers, missing);

        void Progress()
        {
            if (shown != long.MinValue && time.GetElapsedTime(shown) < BetweenProgress) return;
            shown = time.GetTimestamp();
            _progress = new ProgressEvent(_done + 1, phase, answers.Count, nodes.Length) { Sequence = _events.Count, Time = time.GetUtcNow() };
            Signal();
        }
    }

    private void RequireQuorum(double quorum, string option, SortedDictionary<int, string> absent, string what)
    {
        var (present, needed) = (Experiment.Nodes - absent.Count, (int)Math.Ceiling(quorum * Experiment.Nodes));
        if (present >= needed) return;
        throw new ExperimentException($"Only {present} of {Experiment.Nodes} nodes {what}; {option} asks for {needed}. "
            + $"Node {absent.First().Key}: {absent.First().Value}");
    }

    private async Task Commit(RoundReport report)
    {
        _done = report.Round;
        await Task.Run(() => _recorder!.Append(report));
        if (report.TestAccuracy.Mean is var accuracy && !double.IsNaN(accuracy) && (_best is null || accuracy > _best.Value.Accuracy))
        {
            _best = (_done, accuracy);
            await All("keep", [.. Seated], PatienceWithLeavers, async (node, _) =>
            {
                await _nodes[node].KeepBest(_done);
                return true;
            }, CancellationToken.None); // a node that is lost keeps nothing
        }
        Record(Events.Of(report, Experiment));
        Log.Done(log, Run, _done, Experiment.Rounds, report.Training.Loss, report.TestAccuracy.Mean, report.Seconds, report.Present);
        _status = Known with
        {
            Round = _done,
            Present = report.Present,
            TestAccuracy = double.IsNaN(report.TestAccuracy.Mean) ? Known.TestAccuracy : report.TestAccuracy.Mean,
        };
        await Tell();
    }

    /// <summary>Writes what the run leaves, tells how it ended, and lets the nodes go.</summary>
    private async Task End(RunState state, string? reason)
    {
        string? hash = null;
        WriteEnd(Known with { State = state, Reason = reason }); // weights take time, and the silo may not have it
        try
        {
            if (_seated && Seated.Any())
                hash = await _recorder!.WriteWeights(Plan, [.. Seated], _done, _best?.Round, Collect);
        }
        catch (Exception e)
        {
            Log.NoWeights(log, e, Run);
            if (state == RunState.Finished) (state, reason) = (RunState.Failed, $"The weights could not be written: {Sentence(e)}");
        }
        _status = Known with { State = state, WeightsSha256 = hash, Reason = reason };
        WriteEnd(Known);
        Record(state switch
        {
            RunState.Finished => new FinishedEvent(Run, Known.Folder, _done, hash, Known.TestAccuracy, Seconds),
            RunState.Stopped => new StoppedEvent(Run, Known.Folder, _done, reason!),
            _ => new FailedEvent(Run, Known.Folder, _done, reason!),
        });
        Log.Ended(log, Run, state, _done, Experiment.Rounds, reason);
        await Release();
    }

    private void WriteEnd(RunStatus status)
    {
        try
        {
            _recorder?.WriteEnd(status, _best, _started ? Seconds : 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExperimentException)
        {
            Log.NotRecorded(log, e, Run);
        }
    }

    private async Task Release()
    {
        _recorder?.Dispose();
        _recorder = null;
        try
        {
            await Tell();
            await Task.WhenAll(_nodes.Select(n => n.Leave())).WaitAsync(PatienceWithLeavers, time);
        }
        catch (Exception e)
        {
            Log.NotReleased(log, e, Run); // a silo that stops at the same time, a node that hangs; nothing is lost
        }
        contexts.Forget(Run);
        this.DelayDeactivation(TimeSpan.Zero);
    }

    /// <summary>A node's weights; null if it is lost.</summary>
    private async Task<ParameterVector?> Collect(int node, int round, int exchange)
    {
        try
        {
            return (await reader.Get(Run, 0, node, round, exchange, Plan.Layout.Length, CancellationToken.None)).Update.Weights;
        }
        catch (Exception e)
        {
            Log.NoWeightsOf(log, e, Run, node);
            return null;
        }
    }

    private async Task Enter(RunState state, int present)
    {
        _status = Known with { State = state, Present = present };
        await Tell();
    }

    private RoundReport ReportOf(
        int round, Dictionary<int, PhaseReport> sums, SortedDictionary<int, string> absent, double seconds)
    {
        var nodes = Enumerable.Range(0, Experiment.Nodes).Select(node =>
        {
            if (absent.TryGetValue(node, out var reason)) return NodeReport.Absent(node, round + 1, reason);
            var sum = sums.GetValueOrDefault(node, new PhaseReport());
            return new NodeReport(node, round + 1, Metric(sum.Training), Metric(sum.Validation), Metric(sum.Test), Metric(sum.LocalTest),
                sum.SentBytes, sum.ReceivedBytes, sum.Steps, sum.TrainSeconds, null);
        }).ToList();
        return new RoundReport(round + 1, nodes, seconds, sums.Values.Sum(s => s.WireBytes));
    }

    private static MetricSum Metric(Sums sums) => new(sums.Samples, sums.Correct, sums.LossFixed, sums.NotFinite);

    private static Sums Add(Sums a, Sums b) =>
        new(a.Samples + b.Samples, a.Correct + b.Correct, a.LossFixed + b.LossFixed, a.NotFinite + b.NotFinite);

    private static PhaseReport Add(PhaseReport a, PhaseReport b) => new(
        Add(a.Training, b.Training), Add(a.Validation, b.Validation), Add(a.Test, b.Test), Add(a.LocalTest, b.LocalTest),
        a.SentBytes + b.SentBytes, a.ReceivedBytes + b.ReceivedBytes, a.WireBytes + b.WireBytes, a.Steps + b.Steps,
        a.TrainSeconds + b.TrainSeconds);

    /// <summary>The first line of an exception: libtorch puts a native stack trace below it.</summary>
    private static string Sentence(Exception e) => e.Message.Split('\n', 2)[0].Trim();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {Run}, round {Round}: node {Node} is absent ({Phase}): {Reason}")]
        public static partial void Absent(ILogger logger, string run, int round, int node, string phase, string reason);

        [LoggerMessage(2, LogLevel.Error, "Run {Run} is lost after round {Round}.")]
        public static partial void Lost(ILogger logger, Exception e, string run, int round);

        [LoggerMessage(3, LogLevel.Error, "Run {Run}: its weights could not be written.")]
        public static partial void NoWeights(ILogger logger, Exception e, string run);

        [LoggerMessage(5, LogLevel.Information, "Run {Run} begins: {Nodes} nodes, {Rounds} rounds, recorded in {Folder}.")]
        public static partial void Started(ILogger logger, string run, int nodes, int rounds, string folder);

        [LoggerMessage(6, LogLevel.Information,
            "Run {Run}, round {Round} of {Rounds}: train loss {Loss:F4}, test accuracy {Accuracy:F4}, {Seconds:F1} s, {Present} nodes.")]
        public static partial void Done(
            ILogger logger, string run, int round, int rounds, double loss, double accuracy, double seconds, int present);

        [LoggerMessage(7, LogLevel.Information, "Run {Run} {State} after {Round} of {Rounds} rounds. {Reason}")]
        public static partial void Ended(ILogger logger, string run, RunState state, int round, int rounds, string? reason);

        [LoggerMessage(8, LogLevel.Warning, "Run {Run}: something could not be recorded.")]
        public static partial void NotRecorded(ILogger logger, Exception e, string run);

        [LoggerMessage(9, LogLevel.Warning, "Run {Run}: the registry could not be told how it stands.")]
        public static partial void NotTold(ILogger logger, Exception e, string run);

        [LoggerMessage(10, LogLevel.Warning, "Run {Run}: node {Node} is lost, and its weights with it.")]
        public static partial void NoWeightsOf(ILogger logger, Exception e, string run, int node);

        [LoggerMessage(4, LogLevel.Warning, "Run {Run}: its nodes could not be told to leave.")]
        public static partial void NotReleased(ILogger logger, Exception e, string run);
    }
}
