using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tasks;
using RunStatus = Orleans.FL.Grains.Interfaces.RunStatus;

namespace Orleans.FL.Grains;

/// <summary>The life of a run: taken up, seated, round after round, seated anew when silos come and go, ended.</summary>
internal sealed partial class ExperimentGrain
{
    private static readonly TimeSpan PatienceWithLeavers = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly List<MemberChange> _changes = [];
    private readonly Dictionary<int, RoundReport> _recorded = []; // of rounds that may have to be done again
    private readonly SortedDictionary<int, string> _unseated = [];
    private readonly Dictionary<int, double> _tests = []; // the main metric in tests, by rounds done
    private readonly Dictionary<int, Absence[]> _absences = []; // of rounds that are recorded, where there were any
    private Plan? _plan;
    private MemberChange? _asked;
    private long _epoch;
    private long _startedAt;
    private double _secondsBefore;
    private bool _resumed;
    private int _done; // rounds done, of which the present states are
    private int _written; // rounds recorded; more than done while some are done again
    private int _kept; // rounds done at the last checkpoint
    private long? _keptAt; // when it was made; null if it was made by another activation, or there is none
    private Dictionary<int, NodeSnapshot> _snapshots = []; // of that checkpoint

    private Plan Plan => _plan!;

    /// <summary>The metric that decides which round is the best.</summary>
    private TaskMetric Main => _context!.Plan.Outputs.Task.Main;

    private Experiment Experiment => Plan.Experiment;

    private double Seconds => _secondsBefore + (_startedAt == 0 ? 0 : time.GetElapsedTime(_startedAt).TotalSeconds);

    private (int Round, double Tested)? _best; // the first of the rounds done with the best test

    private async Task Live(string reason, Task before)
    {
        await Task.Yield(); // Start returns at once
        await before; // a run that is resumed at once may still be letting go
        _startedAt = time.GetTimestamp();
        Clock.Restart();
        var mine = _stop;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(mine.Token, running.Stopping);
        try
        {
            if (reason.Length > 0) await TakeUp();
            _plan = _context!.PlanWith(_changes);
            AnnounceRecorded();
            Log.Started(log, Run, Experiment.Nodes, Experiment.Rounds, Known.Folder);
            await Seat(reason, stop.Token);
            while (_done < Experiment.Rounds) await Attempt(stop.Token);
            await End(RunState.Finished, null);
        }
        catch (HandOverException e)
        {
            await Suspend(e.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (mine.IsCancellationRequested) await EndSafely(RunState.Stopped, "It was stopped on request.");
            else await Suspend("Its silo was told to stop.");
        }
        catch (Exception e) when (e is StaleClaimException)
        {
            Log.Replaced(log, Run, _epoch, e.Message); // another silo works on the run: nothing may be written any more
            await Release(leave: false);
        }
        catch (Exception e)
        {
            Log.Lost(log, e, Run, _done);
            await EndSafely(RunState.Failed, Failures.Sentence(e));
        }
        finally
        {
            if (ReferenceEquals(_stop, mine)) _live = false; // else it was begun anew
            Signal();
        }
    }

    /// <summary>One round, with what must be done before it; if seats are lost, seats all anew from the last checkpoint.</summary>
    private async Task Attempt(CancellationToken stop)
    {
        try
        {
            await Hold(stop);
            await Boundary(stop);
            await Round(_done, stop);
        }
        catch (SeatsLostException e)
        {
            stop.ThrowIfCancellationRequested();
            RecordTimes(UnderWay);
            Log.SeatsLost(log, Run, _done, _kept, e.Message);
            await Seat(e.Message, stop, fromCheckpoint: true);
        }
    }

    /// <summary>Claims the run and reads what its journal tells.</summary>
    private async Task TakeUp()
    {
        using var phase = Clock.In("take up");
        _epoch = await store.Claim(Run);
        var journal = RunJournal.Read(await store.Journal(Run));
        _context ??= await contexts.Get(Run, journal.Experiment);
        _json = journal.Experiment;
        _events.Clear();
        _events.AddRange(journal.Events.Select(RunJournal.Softened));
        _changes.Clear();
        _changes.AddRange(journal.Changes);
        _unseated.Clear();
        foreach (var missing in journal.Events.OfType<SeatedEvent>().SelectMany(s => s.Missing ?? [])) _unseated[missing.Node] = missing.Reason;
        _recorded.Clear();
        _tests.Clear();
        _absences.Clear();
        foreach (var report in journal.Reports) Note(report);
        foreach (var round in journal.Events.OfType<RoundEvent>()) if (round.Absent is { } absent) _absences[round.Round - 1] = absent;
        _written = journal.Reports.Count;
        _secondsBefore = journal.Reports.Sum(r => r.Seconds);
        _recorder = await Task.Run(() => RunRecorder.Rebuild(Run, journal, options.Value, time));
        _status = journal.Status with { State = RunState.Seating, Folder = _recorder.Folder, Reason = null };
        if (!_resumed && journal.Events.LastOrDefault(e => e is PausedEvent or ResumedEvent) is PausedEvent) _paused ??= NewSignal();
        if (_resumed) _paused = null;
        _resumed = false;
        await LatestCheckpoint(_written);
    }

    /// <summary>Goes back to the latest checkpoint that is whole and not later than what is recorded.</summary>
    private async Task LatestCheckpoint(int rounds)
    {
        var found = await checkpoints.Latest(Run, ExperimentWriter.Hash(_context!.Plan.Experiment), rounds + 1);
        foreach (var refusal in found.Refused)
        {
            Log.CheckpointRefused(log, Run, refusal);
            _recorder?.Note($"A checkpoint was refused, the one before it is used. {refusal}");
        }
        _kept = _done = found.Manifest?.Round ?? 0;
        _snapshots = found.Manifest?.Nodes.ToDictionary(n => n.Node) ?? [];
        _resting.Clear();
        _unsaved.Clear();
        _best = null;
        foreach (var (round, tested) in _tests.Where(a => a.Key <= _done).OrderBy(a => a.Key)) Consider(round, tested);
    }

    private async Task Hold(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_paused is not { } paused) return;
        using var phase = Clock.In(PausePhase);
        await Record(new PausedEvent(_done));
        Enter(RunState.Paused, Known.Present);
        await paused.Task.WaitAsync(stop);
        await Record(new ResumedEvent(_done));
        Enter(RunState.Running, Known.Present);
    }

    /// <summary>What happens between two rounds: members change, nodes move to silos that came and from silos that go.</summary>
    private async Task Boundary(CancellationToken stop)
    {
        var reason = "";
        if (_asked is { } asked && asked.Round == _done + 1)
        {
            _asked = null;
            _changes.Add(asked);
            _plan = _context!.PlanWith(_changes);
            await Record(new MembersEvent(asked, Plan.Members(_done).Version, Plan.Members(_done).Ranks.Length));
            _recorder?.WriteReplay(Plan.Experiment, _changes);
        }
        var members = Plan.Members(_done);
        if (members.Version != _seatedVersion) reason = $"Round {_done + 1} begins with {members.Ranks.Length} members.";
        var silos = Candidates();
        var seen = Sight(members, silos);
        if (Experiment.Checkpoints.Every > 0 && silos.Count > 0)
        {
            if (_leaving.Contains(inventory.Here) || running.Leaving)
            {
                await Checkpoint(stop);
                throw new HandOverException("Its silo was told to stop.");
            }
            if (seen == _seen) return;
            var wanted = SeatPlan.Assign(silos, Present(members), Experiment.Devices, _seats);
            if (wanted.Unplaced.Count == 0 && !wanted.Seats.SequenceEqual(_seats.Where(s => members.Has(s.Key)))) reason = reason.Length > 0 ? reason : MoveReason(silos);
        }
        if (reason.Length == 0)
        {
            _seen = seen;
            return;
        }
        if (_done > 0) await Checkpoint(stop);
        await Seat(reason, stop);
    }

    private string MoveReason(IReadOnlyList<SiloPlace> silos)
    {
        var before = _seats.Values.Distinct().ToArray();
        var gone = before.Except(silos.Select(s => s.Name)).ToArray();
        var come = silos.Select(s => s.Name).Except(before).ToArray();
        return gone.Length > 0 ? $"Silo {string.Join(", ", gone)} is about to stop." : come.Length > 0
            ? $"Silo {string.Join(", ", come)} joined." : "The silos' lanes changed.";
    }

    /// <summary>Silos that may hold nodes: those that work and do not leave.</summary>
    private List<SiloPlace> Candidates()
    {
        var silos = inventory.Silos;
        _leaving.RemoveWhere(l => silos.All(s => s.Name != l)); // gone; one of that name may come again
        return [.. silos.Where(s => !_leaving.Contains(s.Name))];
    }

    private int[] Present(Membership members) => [.. members.Ranks.Where(r => !_unseated.ContainsKey(r))];

    /// <summary>Ends the run; if even that fails, says so.</summary>
    private async Task EndSafely(RunState state, string? reason)
    {
        try
        {
            await End(state, reason);
        }
        catch (Exception e)
        {
            Log.NotEnded(log, e, Run);
            _status = Known with { State = state, Reason = reason };
            await Release(leave: true);
        }
    }

    /// <summary>Writes what the run leaves, tells how it ended, and lets the nodes go.</summary>
    private async Task End(RunState state, string? reason)
    {
        using var phase = Clock.In("end");
        string? hash = null;
        WriteEnd(Known with { State = state, Reason = reason }); // weights take time, and the silo may not have it
        try
        {
            if (_seats.Count > 0)
            {
                foreach (var node in _at.Keys.ToList()) _at[node] = new StateVersion(_done, 0); // a round that was cut does not count
                await Settle(publish: true, best: false, snapshot: state != RunState.Finished && _done > _kept && Experiment.Checkpoints.Every > 0,
                    CancellationToken.None);
                if (state == RunState.Finished && Plan.Protocol.Arrivals is { } arrivals)
                    _recorder!.WriteReplay(Plan.Replay([.. Enumerable.Range(0, Experiment.Rounds).Select(arrivals.Of)]), []);
                hash = await _recorder!.WriteWeights(Plan, [.. Plan.Protocol.Holders(Math.Max(0, _done - 1)).Where(_seats.ContainsKey)], _done, _best?.Round, Collect);
            }
        }
        catch (Exception e)
        {
            Log.NoWeights(log, e, Run);
            if (state == RunState.Finished) (state, reason) = (RunState.Failed, $"The weights could not be written: {Failures.Sentence(e)}");
        }
        _status = Known with { State = state, WeightsSha256 = hash, Reason = reason };
        WriteEnd(Known);
        await Record(state switch
        {
            RunState.Finished => new FinishedEvent(Run, Known.Folder, _done, hash, Seconds) { Metrics = Events.OfTest(Known.Test) },
            RunState.Stopped => new StoppedEvent(Run, Known.Folder, _done, reason!),
            _ => new FailedEvent(Run, Known.Folder, _done, reason!),
        });
        Log.Ended(log, Run, state, _done, _context?.Plan.Experiment.Rounds ?? 0, reason ?? "");
        RecordTimes(UnderWay);
        _live = false;
        Signal();
        await Release(leave: true);
        if (state == RunState.Finished) await ForgetCheckpoints();
    }

    private async Task ForgetCheckpoints()
    {
        try
        {
            await store.Forget(Run);
        }
        catch (Exception e) when (e is CheckpointException or IOException)
        {
            Log.NotReleased(log, e, Run);
        }
    }

    /// <summary>Lets go of the run without ending it: another silo, or this one after its restart, goes on from the last checkpoint.</summary>
    private async Task Suspend(string reason)
    {
        try
        {
            await Record(new SuspendedEvent(_done, reason));
        }
        catch (Exception e)
        {
            Log.NotEnded(log, e, Run); // the journal goes without this line
        }
        RecordTimes(UnderWay);
        _status = Known with { State = RunState.Suspended, Reason = reason };
        Log.Suspended(log, Run, _done, Experiment.Rounds, reason);
        if (running.Leaving) states.Forget(Run); // its successor takes the states from the checkpoint
        await Release(leave: false);
        this.DeactivateOnIdle();
    }

    private void WriteEnd(RunStatus status)
    {
        try
        {
            _recorder?.WriteEnd(status, _best, Seconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExperimentException)
        {
            Log.NotRecorded(log, e, Run);
        }
    }

    /// <summary>Lets go of what the run holds.</summary>
    /// <param name="leave">Whether its nodes are to let go, too.</param>
    private async Task Release(bool leave)
    {
        LeaveClock();
        _recorder?.Dispose();
        _recorder = null;
        Tell();
        try
        {
            if (leave)
            {
                await Task.WhenAll(_seats.Values.Distinct().Select(s => Silo(s).Forget(Run, _epoch))).WaitAsync(PatienceWithLeavers, time);
            }
        }
        catch (Exception e)
        {
            Log.NotReleased(log, e, Run); // a silo that stops at the same time, a node that hangs; nothing is lost
        }
        contexts.Forget(Run);
        (_context, _plan) = (null, null);
        _seats.Clear();
        this.DelayDeactivation(TimeSpan.Zero);
    }

    /// <summary>A node's weights; null if it is lost.</summary>
    private async Task<ParameterVector?> Collect(int node, int? rounds)
    {
        try
        {
            var model = rounds is { } done ? UpdateAddress.ModelAfter(Run, _epoch, node, done) : UpdateAddress.BestModel(Run, _epoch, node);
            return (await reader.Get(model, NodeModel.Format(Plan.Layout), CancellationToken.None)).Update.Weights;
        }
        catch (Exception e)
        {
            Log.NoWeightsOf(log, e, Run, node);
            return null;
        }
    }

    private void Enter(RunState state, int present)
    {
        _status = Known with { State = state, Present = present };
        Tell();
    }

    /// <summary>Remembers of a recorded round what the rest of the run needs.</summary>
    private void Note(RoundReport report)
    {
        _recorded[report.Round] = report;
        if (report.Test(Main).Mean is var tested && !double.IsNaN(tested)) _tests[report.Round] = tested;
    }

    /// <summary>Takes a test for the best so far if it is.</summary>
    private bool Consider(int round, double tested)
    {
        if (double.IsNaN(tested) || (_best is { } best && !Main.IsBetter(tested, best.Tested))) return false;
        _best = (round, tested);
        return true;
    }

    private ISiloGrain Silo(string name) => GrainFactory.GetGrain<ISiloGrain>(name);

    /// <summary>The run goes on elsewhere, because this silo stops.</summary>
    private sealed class HandOverException(string message) : Exception(message);

    /// <summary>Nodes are lost, or a silo with nodes.</summary>
    private sealed class SeatsLostException(string message) : Exception(message);
}
