using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains;

/// <summary>The rounds of a run: train, exchange, combine, test, commit.</summary>
/// <remarks>
/// The barrier between phases is here; data go from node to node. Each phase has a deadline; what becomes of a node that
/// misses it the experiment says. A round that is recorded and done again counts the same nodes absent as it did then.
/// </remarks>
internal sealed partial class ExperimentGrain
{
    private int _lanes;

    private async Task Round(int round, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var arrivals = await Gather(round, stop);
        var active = Plan.Protocol.Participants(round);
        var server = Plan.Members(round).Server;
        var absent = new SortedDictionary<int, Absence>();
        foreach (var node in active.Where(_unseated.ContainsKey)) absent[node] = new Absence(node, _unseated[node], "seat");
        var away = Plan.Away(round);
        foreach (var (node, reason) in away) absent.TryAdd(node, new Absence(node, reason, "away"));
        var sums = new Dictionary<int, PhaseReport>();
        var again = round < _written;
        var recorded = again ? _absences.GetValueOrDefault(round, []) : [];
        var last = Plan.Exchanges.Count - 1;

        await TakeSeats();
        if (CanCatchUp(round)) await Phase("catch up", _behind.Contains, Combine(round - 1, last), last + 2, round - 1);
        await WakeUp();
        await Phase("train", node => Plan.Trains(node, round), Step(NodeStep.Train, round), 1, round, abandonable: false);
        for (var e = 0; e < Plan.Exchanges.Count; e++)
        {
            var exchange = e;
            await Phase($"exchange {e + 1}", node => Plan.Receives(node, round, exchange), Combine(round, exchange), exchange + 2, round);
        }
        if (Plan.Tests(round)) await Phase("test", node => Plan.Tests(node, round), Step(NodeStep.Evaluate, round), null, round);
        if (absent.Count > 0 && Plan.Protocol.RefusalOfAbsence(absent.First().Key, round) is { } refusal)
            throw new ExperimentException($"{refusal}: {absent.First().Value.Reason}");
        RequireQuorum(Experiment.Seating.RoundQuorum, "seating.roundQuorum", active.Count - away.Count,
            new(absent.Where(a => !away.ContainsKey(a.Key)).ToDictionary(a => a.Key, a => a.Value.Reason)),
            $"are present in round {round + 1}");
        _behind = [.. absent.Keys.Where(_seats.ContainsKey)];
        var report = ReportOf(round, active, sums, Plan.Metrics, absent, time.GetElapsedTime(start).TotalSeconds).At(Plan.Scheduled(round));
        await Commit(report, [.. absent.Values], arrivals, again, stop);

        async Task TakeSeats()
        {
            int[] seated = [.. active.Where(n => !absent.ContainsKey(n) && !_at.ContainsKey(n))];
            if (seated.Length == 0) return;
            var (joined, missing) = await Join(seated, _ => -1, Patience.Of(Experiment.Seating), stop);
            foreach (var node in joined.Keys) _at[node] = new StateVersion(round, 0);
            Miss(missing, "seat");
        }

        async Task WakeUp()
        {
            var woken = Plan.Protocol.CatchingUp(round).ToHashSet();
            if (woken.Count == 0) return;
            if (_behind.Contains(server)) Miss(woken.ToDictionary(n => n, _ => "The server missed the round before, so there is no model to begin with."), "wake");
            var before = sums.Values.Sum(s => s.ReceivedBytes);
            await Phase("wake", woken.Contains, Combine(round - 1, last), last + 2, round - 1);
            sums[server] = Add(sums.GetValueOrDefault(server, new PhaseReport()), new PhaseReport(SentBytes: sums.Values.Sum(s => s.ReceivedBytes) - before));
        }

        Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> Combine(int of, int exchange) => Step(NodeStep.Combine, of, exchange);

        Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> Step(NodeStep step, int of, int exchange = 0)
        {
            int[] missing = step == NodeStep.Combine && of == round ? [.. absent.Keys] : [];
            return (nodes, token) => Silo(_seats[nodes[0]]).Take(
                new BatchOrder(Run, _epoch, step, of, exchange, missing, nodes, [.. nodes.Select(n => _at[n])]), token);
        }

        async Task Phase(string phase, Func<int, bool> takesPart, Func<int[], CancellationToken, Task<BatchAnswer<PhaseReport>>> call,
            int? step, int stepOf, bool abandonable = true)
        {
            using var timed = Clock.In(phase);
            foreach (var absence in recorded.Where(a => a.Phase == phase && !absent.ContainsKey(a.Node))) absent[absence.Node] = absence;
            var nodes = active.Where(n => !absent.ContainsKey(n) && takesPart(n)).ToArray();
            var patience = again ? Patience.Endless : Patience.Of(Experiment.Seating);
            var (reports, missing) = await All(phase, BySilo(nodes), patience, call, abandonable, stop);
            foreach (var (node, answer) in reports)
            {
                sums[node] = sums.TryGetValue(node, out var before) ? Add(before, answer) : answer;
                if (step is { } done) _at[node] = new StateVersion(stepOf, done);
            }
            Miss(missing, phase);
        }

        void Miss(IReadOnlyDictionary<int, string> missing, string phase)
        {
            foreach (var (node, reason) in missing)
            {
                absent[node] = new Absence(node, reason, phase);
                Log.Absent(log, Run, round + 1, node, phase, reason);
            }
            if (missing.Count > 0 && Experiment.Seating.Absence == SeatingSettings.Stop)
                throw new ExperimentException($"Node {missing.First().Key} is absent in round {round + 1}, and seating.absence is stop: {missing.First().Value}");
        }
    }

    /// <summary>Whether nodes that missed the last round can still receive from the server's model of it: a round starts from that one.</summary>
    private bool CanCatchUp(int round) => round > 0 && _behind.Count > 0 && Plan.Exchanges is [.., ExchangeKind.Broadcast]
        && Plan.Members(round - 1).Server is var server && !_behind.Contains(server) && _seats.ContainsKey(server);

    private static void RequireQuorum(double quorum, string option, int all, SortedDictionary<int, string> absent, string what)
    {
        var (present, needed) = (all - absent.Count, (int)Math.Ceiling(quorum * all));
        if (present >= needed) return;
        throw new ExperimentException($"Only {present} of {all} nodes {what}; {option} asks for {needed}. "
            + $"Node {absent.First().Key}: {absent.First().Value}");
    }

    /// <summary>Records the round, unless it is recorded; then sees to the states after it.</summary>
    private async Task Commit(RoundReport report, Absence[] absent, RoundArrivals? arrivals, bool again, CancellationToken stop)
    {
        _done = report.Round;
        var tested = report.Test(Main).Mean;
        if (again) Compare(report);
        else
        {
            if (absent.Length > 0) _absences[report.Round - 1] = absent;
            Note(report);
            using var phase = Clock.In("record");
            await Record(Events.Of(report, Experiment, absent, Plan.Metrics) with { Work = WorkOf(report), Arrivals = arrivals }, RoundReportJson.Write(report));
            _written = _done;
            await Task.Run(() => _recorder?.Append(report), CancellationToken.None);
            Log.Done(log, Run, _done, Experiment.Rounds, report.Training.Loss, Main.Name, tested, report.Seconds, report.Present);
        }
        _status = Known with
        {
            Round = _done,
            Present = report.Present,
            Test = double.IsNaN(tested) ? Known.Test : new MetricValue(Main.Name, tested),
        };
        await Settle(publish: false, best: Consider(_done, tested), snapshot: IsCheckpointDue(), stop);
        meter.Round(Clients(report), report.Training.Samples, OperationsOf(report));
        RecordTimes(_done);
        Tell();
    }

    private bool IsCheckpointDue()
    {
        var (every, between) = (Experiment.Checkpoints.Every, Experiment.Checkpoints.SecondsBetween);
        return every > 0 && _done % every == 0 && _done < Experiment.Rounds
            && (_keptAt is not { } kept || time.GetElapsedTime(kept) >= TimeSpan.FromSeconds(between));
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
        _unsaved.UnionWith(_at.Keys);
        var nodes = (snapshot ? _unsaved : _at.Keys.AsEnumerable()).Where(n => _at.ContainsKey(n) || _resting.ContainsKey(n)).ToLookup(n => _seats[n]);
        var silos = _addresses.Keys.Select(name => (Name: name, Nodes: nodes[name].Order().ToArray())).ToArray();
        var (settled, missing) = await AllSilos("settle", [.. silos.Select(s => s.Name)], Patience.Of(Experiment.Seating.RoundDeadlineSeconds), i =>
            Silo(silos[i].Name).Settle(new SettleOrder(Run, _epoch, _done, silos[i].Nodes,
                [.. silos[i].Nodes.Select(n => _at.TryGetValue(n, out var at) ? at : _resting[n])], publish, best, snapshot)), stop);
        foreach (var (i, settlement) in settled) Settled(silos[i].Nodes, settlement.Blank);
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
        // Whoever rested since the last checkpoint is in that one as it is now.
        NodeSnapshot[] snapshots = [.. settled.Values.SelectMany(s => s.Snapshots)
            .Concat(_snapshots.Values.Where(s => Plan.Protocol.HasRestingNodes && _seats.ContainsKey(s.Node) && !_unsaved.Contains(s.Node))).OrderBy(s => s.Node)];
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
        _keptAt = time.GetTimestamp();
        _snapshots = snapshots.ToDictionary(s => s.Node);
        _unsaved.Clear();
        foreach (var round in _recorded.Keys.Where(r => r <= _kept).ToList()) _recorded.Remove(round);
    }

    /// <summary>Takes note of the versions that nodes are in after the rounds done, and of who rests.</summary>
    private void Settled(int[] nodes, int[] blank)
    {
        var after = new StateVersion(_done, 0);
        foreach (var node in nodes)
        {
            _at.Remove(node);
            (Plan.Protocol.Rests(node, Math.Max(0, _done - 1)) ? _resting : _at)[node] = after;
        }
        foreach (var node in blank) _resting.Remove(node);
    }

    private void NoCheckpoint(string reason)
    {
        Log.NoCheckpoint(log, Run, _done, _kept, reason);
        _recorder?.Note($"No checkpoint after round {_done}; that after round {_kept} stays the last. {reason}");
    }

    private static Traffic Since(Traffic before, Traffic now) => new(now.PayloadSent - before.PayloadSent,
        now.PayloadReceived - before.PayloadReceived, now.WireSent - before.WireSent, now.WireReceived - before.WireReceived);

    private static RoundReport ReportOf(
        int round, IReadOnlyList<int> active, Dictionary<int, PhaseReport> sums, IReadOnlyList<Metric> metrics,
        SortedDictionary<int, Absence> absent, double seconds)
    {
        var nodes = active.Select(node =>
        {
            if (absent.TryGetValue(node, out var absence)) return NodeReport.Absent(node, round + 1, absence.Reason);
            var sum = sums.GetValueOrDefault(node, new PhaseReport());
            return new NodeReport(node, round + 1, MetricSums.OfNumbers(sum.Training), MetricSums.OfNumbers(sum.Validation), MetricSums.OfNumbers(sum.Test), MetricSums.OfNumbers(sum.LocalTest),
                sum.SentBytes, sum.ReceivedBytes, sum.Steps, sum.TrainSeconds, null)
            {
                PeerScores = [.. (sum.PeerScores ?? []).Select(f => new PeerScore(f.Measure, f.Other, f.Value))],
                Metrics = sum.Metrics.ToValues(metrics),
            };
        }).ToList();
        return new RoundReport(round + 1, nodes, seconds, sums.Values.Sum(s => s.WireBytes));
    }

    private static Int128[] Add(Int128[]? a, Int128[]? b) => (MetricSums.OfNumbers(a) + MetricSums.OfNumbers(b)).ToNumbers();

    private static PhaseReport Add(PhaseReport a, PhaseReport b) => new(
        Add(a.Training, b.Training), Add(a.Validation, b.Validation), Add(a.Test, b.Test), Add(a.LocalTest, b.LocalTest),
        a.SentBytes + b.SentBytes, a.ReceivedBytes + b.ReceivedBytes, a.WireBytes + b.WireBytes, a.Steps + b.Steps,
        a.TrainSeconds + b.TrainSeconds, PeerScores: a.PeerScores is null || b.PeerScores is null ? a.PeerScores ?? b.PeerScores : [.. a.PeerScores, .. b.PeerScores],
        Metrics: MetricConversion.Both(a.Metrics, b.Metrics));
}
