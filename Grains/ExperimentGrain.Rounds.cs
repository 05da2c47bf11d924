using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records;
using Orleans.Runtime.Messaging;

namespace Orleans.FL.Grains;

/// <summary>The rounds of a run: train, exchange, combine, test, commit.</summary>
/// <remarks>
/// The barrier between phases is here; data go from node to node. Each phase has a deadline; what becomes of a node that
/// misses it the experiment says. A round that is recorded and done again counts the same nodes absent as it did then.
/// </remarks>
internal sealed partial class ExperimentGrain
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromMilliseconds(100);

    private int _lanes;

    private async Task Round(int round, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var members = Plan.Members(round);
        var absent = new SortedDictionary<int, Absence>();
        foreach (var (node, why) in _unseated.Where(u => members.Has(u.Key))) absent[node] = new Absence(node, why, "seat");
        var sums = new Dictionary<int, PhaseReport>();
        var again = round < _written;
        var recorded = again ? _absences.GetValueOrDefault(round, []) : [];
        var last = Plan.Exchanges.Count - 1;

        if (CanCatchUp(round))
            await Phase("catch up", _behind.Contains, (node, token) => Node(node).Combine(OrderOf(node, round - 1), last, [], token), last + 2, round - 1);
        await Phase("train", node => Plan.Trains(node, round), (node, token) => Node(node).Train(OrderOf(node, round), token), 1, round, abandonable: false);
        for (var e = 0; e < Plan.Exchanges.Count; e++)
        {
            var (exchange, missing) = (e, absent.Keys.ToArray());
            await Phase($"exchange {e + 1}", node => Plan.Hears(node, round, exchange),
                (node, token) => Node(node).Combine(OrderOf(node, round), exchange, missing, token), exchange + 2, round);
        }
        if (Plan.Tests(round)) await Phase("test", node => Plan.Tests(node, round), (node, token) => Node(node).Evaluate(OrderOf(node, round), token), null, round);
        RequireQuorum(Experiment.Seating.RoundQuorum, "seating.roundQuorum", members,
            new(absent.ToDictionary(a => a.Key, a => a.Value.Reason)), $"are present in round {round + 1}");
        _behind = [.. absent.Keys.Where(_seats.ContainsKey)];
        var report = ReportOf(round, members, sums, absent, time.GetElapsedTime(start).TotalSeconds).At(Plan.Virtual(round));
        await Commit(report, [.. absent.Values], again, stop);

        async Task Phase(
            string phase, Func<int, bool> takesPart, Func<int, CancellationToken, Task<PhaseReport>> call, int? step, int stepOf, bool abandonable = true)
        {
            using var timed = Clock.In(phase);
            foreach (var absence in recorded.Where(a => a.Phase == phase && !absent.ContainsKey(a.Node))) absent[absence.Node] = absence;
            var nodes = members.Ranks.Where(n => !absent.ContainsKey(n) && takesPart(n)).ToArray();
            var patience = again ? Patience.Endless : Patience.Of(Experiment.Seating);
            var (reports, missing) = await All(phase, nodes, patience, call, abandonable, stop);
            foreach (var (node, answer) in reports)
            {
                sums[node] = sums.TryGetValue(node, out var before) ? Add(before, answer) : answer;
                if (step is { } done) _at[node] = new StateVersion(stepOf, done);
            }
            foreach (var (node, reason) in missing)
            {
                absent[node] = new Absence(node, reason, phase);
                Log.Absent(log, Run, round + 1, node, phase, reason);
            }
            if (missing.Count > 0 && Experiment.Seating.Absence == SeatingSettings.Stop)
                throw new ExperimentException($"Node {missing.First().Key} is absent in round {round + 1}, and seating.absence is stop: {missing.First().Value}");
        }
    }

    private StepOrder OrderOf(int node, int round) => new(_epoch, round, _at[node]);

    /// <summary>Whether nodes that missed the last round can still hear the hub's model of it: a round starts from that one.</summary>
    private bool CanCatchUp(int round) => round > 0 && _behind.Count > 0 && Plan.Exchanges is [.., ExchangeKind.Broadcast]
        && Plan.Members(round - 1).Hub is var hub && !_behind.Contains(hub) && _seats.ContainsKey(hub);

    /// <summary>Calls nodes at the same time and waits for all, the deadline, the loss of seats, or the end of the run.</summary>
    /// <exception cref="SeatsLostException">A node or a silo with nodes is lost.</exception>
    private async Task<(Dictionary<int, T> Answers, SortedDictionary<int, string> Missing)> All<T>(
        string phase, int[] nodes, Patience patience, Func<int, CancellationToken, Task<T>> call, bool abandonable, CancellationToken stop)
    {
        using var limit = patience.Limit is { } longest ? new CancellationTokenSource(longest, time) : new CancellationTokenSource();
        using var called = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var loss = _loss;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(called.Token, loss.Token);
        // Who trains while another silo is lost goes on: the same training is wanted again in a moment.
        var token = abandonable ? both.Token : called.Token;
        var began = time.GetTimestamp();
        var answers = new Dictionary<int, T>(nodes.Length);
        var missing = new SortedDictionary<int, string>();
        var shown = long.MinValue;
        var deadline = patience.Limit ?? TimeSpan.Zero;
        await Task.WhenAll(nodes.Select(async node =>
        {
            try
            {
                answers[node] = await Again(() => call(node, token), both.Token).WaitAsync(both.Token);
                Progress();
                if (answers.Count == (nodes.Length + 1) / 2 && patience.AfterMedian(time.GetElapsedTime(began)) is { } median)
                {
                    deadline = median;
                    limit.CancelAfter(Left(median - time.GetElapsedTime(began)));
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested || loss.IsCancellationRequested) { }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                missing[node] = $"It missed the deadline of {deadline.TotalSeconds:0.###} s ({phase}).";
            }
            catch (Exception e) when (IsLoss(e))
            {
                Lose(loss, Sentence(e));
            }
            catch (Exception e)
            {
                missing[node] = Sentence(e);
            }
        }));
        stop.ThrowIfCancellationRequested();
        if (loss.IsCancellationRequested) throw new SeatsLostException(_lossReason);
        return (answers, missing);

        void Progress()
        {
            if (shown != long.MinValue && time.GetElapsedTime(shown) < BetweenProgress) return;
            shown = time.GetTimestamp();
            _progress = new ProgressEvent(_done + 1, phase, answers.Count, nodes.Length) { Sequence = _events.Count, Time = time.GetUtcNow() };
            Signal();
        }
    }

    /// <summary>Calls again while a node is still at it, and when an answer does not come: it may be lost, and a repeated order is recognised.</summary>
    /// <remarks>A silo that is gone is not asked for ever: its loss gives the phase up.</remarks>
    private async Task<T> Again<T>(Func<Task<T>> call, CancellationToken over)
    {
        while (true)
        {
            try
            {
                var answer = await call();
                if (answer is not PhaseReport { Pending: true } || over.IsCancellationRequested) return answer;
            }
            catch (TimeoutException e) when (!over.IsCancellationRequested)
            {
                Log.AskedAgain(log, Run, e.Message);
            }
        }
    }

    private static TimeSpan Left(TimeSpan left) => left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Whether a call failed because a silo or what a node held is gone, rather than for the node's own reasons.</summary>
    private static bool IsLoss(Exception e) => e is SiloUnavailableException or SiloGoneException or OrleansMessageRejectionException
        or ConnectionFailedException or StateLostException or EpochException;

    private static void RequireQuorum(double quorum, string option, Membership members, SortedDictionary<int, string> absent, string what)
    {
        var all = members.Ranks.Length;
        var (present, needed) = (all - absent.Count, (int)Math.Ceiling(quorum * all));
        if (present >= needed) return;
        throw new ExperimentException($"Only {present} of {all} nodes {what}; {option} asks for {needed}. "
            + $"Node {absent.First().Key}: {absent.First().Value}");
    }

    /// <summary>Records the round, unless it is recorded; then sees to the states after it.</summary>
    private async Task Commit(RoundReport report, Absence[] absent, bool again, CancellationToken stop)
    {
        _done = report.Round;
        if (again) Compare(report);
        else
        {
            if (absent.Length > 0) _absences[report.Round - 1] = absent;
            Note(report);
            using var phase = Clock.In("record");
            await Record(Events.Of(report, Experiment, absent) with { Work = WorkOf(report) }, RoundReportJson.Write(report));
            _written = _done;
            await Task.Run(() => _recorder?.Append(report), CancellationToken.None);
            Log.Done(log, Run, _done, Experiment.Rounds, report.Training.Loss, report.TestAccuracy.Mean, report.Seconds, report.Present);
        }
        _status = Known with
        {
            Round = _done,
            Present = report.Present,
            TestAccuracy = double.IsNaN(report.TestAccuracy.Mean) ? Known.TestAccuracy : report.TestAccuracy.Mean,
        };
        var every = Experiment.Checkpoints.Every;
        await Settle(publish: false, best: Consider(_done, report.TestAccuracy.Mean), snapshot: every > 0 && _done % every == 0 && _done < Experiment.Rounds, stop);
        meter.Round(Clients(report), report.Training.Samples);
        RecordTimes(_done);
        Tell();
    }

    /// <summary>A round that is done again must give what it gave; if not, the machines do not compute alike.</summary>
    private void Compare(RoundReport report)
    {
        if (!_recorded.TryGetValue(report.Round, out var before)) return;
        var differs = report.Nodes.Zip(before.Nodes).FirstOrDefault(n => n.First with { TrainSeconds = 0, Absence = null } != n.Second with { TrainSeconds = 0, Absence = null });
        if (differs.First is null) return;
        Log.Differs(log, Run, report.Round, differs.First.Node);
        _recorder?.Note($"Round {report.Round}, done again, gave other numbers at node {differs.First.Node} than before: the machines do not compute alike.");
    }

    /// <summary>Keeps a checkpoint of the rounds done, if there is none.</summary>
    private Task Checkpoint(CancellationToken stop) =>
        _kept == _done ? Task.CompletedTask : Settle(publish: false, best: false, snapshot: true, stop);

    /// <summary>Has each silo do for its nodes what is to be done at the end of a round; commits the checkpoint, if it is one.</summary>
    private async Task Settle(bool publish, bool best, bool snapshot, CancellationToken stop)
    {
        using var phase = Clock.In(snapshot ? "checkpoint" : "settle");
        var silos = _seats.GroupBy(s => s.Value, s => s.Key).Select(g => (Name: g.Key, Nodes: g.ToArray())).ToArray();
        var (settled, missing) = await All("settle", [.. Enumerable.Range(0, silos.Length)], Patience.Of(Experiment.Seating.RoundDeadlineSeconds),
            (i, _) => Silo(silos[i].Name).Settle(new SettleOrder(
                Run, _epoch, _done, silos[i].Nodes, [.. silos[i].Nodes.Select(n => _at[n])], publish, best, snapshot)), true, stop);
        foreach (var node in _seats.Keys) _at[node] = new StateVersion(_done, 0);
        foreach (var (i, settlement) in settled)
        {
            var (name, now) = (silos[i].Name, settlement.Traffic);
            _recorder?.AppendTraffic(_done, name, Since(_traffic.GetValueOrDefault(name), now));
            _traffic[name] = now;
            NoteLanes(_done, name, settlement.Worked);
        }
        if (missing.Count > 0)
        {
            NoCheckpoint($"Silo {silos[missing.First().Key].Name}: {missing.First().Value}");
            return;
        }
        if (!snapshot) return;
        NodeSnapshot[] snapshots = [.. settled.Values.SelectMany(s => s.Snapshots).OrderBy(s => s.Node)];
        try
        {
            await Patiently(checkpoints.Commit(
                Run, _epoch, new CheckpointManifest(Run, ExperimentWriter.Hash(Experiment), _done, snapshots), Experiment.Checkpoints.Keep));
        }
        catch (CheckpointException e)
        {
            NoCheckpoint(e.Message);
            return;
        }
        _kept = _done;
        _snapshots = snapshots.ToDictionary(s => s.Node);
        foreach (var round in _recorded.Keys.Where(r => r <= _kept).ToList()) _recorded.Remove(round);
    }

    private void NoCheckpoint(string reason)
    {
        Log.NoCheckpoint(log, Run, _done, _kept, reason);
        _recorder?.Note($"No checkpoint after round {_done}; that after round {_kept} stays the last. {reason}");
    }

    private static Traffic Since(Traffic before, Traffic now) => new(now.PayloadSent - before.PayloadSent,
        now.PayloadReceived - before.PayloadReceived, now.WireSent - before.WireSent, now.WireReceived - before.WireReceived);

    private static RoundReport ReportOf(
        int round, Membership members, Dictionary<int, PhaseReport> sums, SortedDictionary<int, Absence> absent, double seconds)
    {
        var nodes = members.Ranks.Select(node =>
        {
            if (absent.TryGetValue(node, out var absence)) return NodeReport.Absent(node, round + 1, absence.Reason);
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

    /// <summary>How long a phase waits for its nodes.</summary>
    /// <param name="Limit">At most so long; null for ever.</param>
    /// <param name="Medians">At most so many times the time in which half of them were done; 0 for no such limit.</param>
    private readonly record struct Patience(TimeSpan? Limit, double Medians)
    {
        public static Patience Endless => default;

        /// <summary>The deadline when half of the nodes are done after some time; null if that changes nothing.</summary>
        public TimeSpan? AfterMedian(TimeSpan median)
        {
            if (Medians == 0) return null;
            var deadline = median * Medians;
            return Limit is { } limit && limit < deadline ? null : deadline;
        }

        public static Patience Of(double seconds) => new(TimeSpan.FromSeconds(seconds), 0);

        public static Patience Of(SeatingSettings seating) => seating.Absence == SeatingSettings.Wait
            ? Endless
            : new(TimeSpan.FromSeconds(seating.RoundDeadlineSeconds), seating.DeadlineMedians);
    }
}
