using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// The life of a run: taken up, seated, round after round, seated anew when silos come and go, ended.
/// </summary>
/// <param name="data">The run.</param>
/// <param name="opening">Takes it up.</param>
/// <param name="seating">Seats its members.</param>
/// <param name="rounds">Runs rounds.</param>
/// <param name="settling">Keeps checkpoints.</param>
/// <param name="arrivals">Is shown rounds that are recorded.</param>
/// <param name="ending">Ends it.</param>
/// <param name="hold">Holds what it needs.</param>
/// <param name="running">Says whether this silo stops.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="log">Logs losses.</param>
internal sealed partial class RunLife(
    RunData data, RunOpening opening, RunSeating seating, RoundRunner rounds, Settling settling, LiveArrivals arrivals,
    RunEnding ending, RunHold hold, RunningExperiments running, RunRecord record, ILogger log) : IDisposable
{
    private CancellationTokenSource _stop = new();
    private TaskCompletionSource? _paused;
    private TaskCompletionSource _begun = new();
    private Task _held = Task.CompletedTask;
    private Task _loop = Task.CompletedTask;
    private bool _resumed;

    /// <summary>Whether nothing of it is under way.</summary>
    public bool IsOver => _loop.IsCompleted;

    /// <summary>Ends when the last beginning is in the journal; fails if it cannot be.</summary>
    public Task Begun => _loop.IsCompleted ? Task.CompletedTask : _begun.Task;

    private int Done => data.History.Done;

    /// <summary>Starts the run, or takes it up again.</summary>
    /// <param name="reason">Why it is taken up again; empty to start it.</param>
    /// <param name="resumed">Whether somebody asked for that: a run that was held goes on then.</param>
    public void Begin(string reason, bool resumed = false)
    {
        _resumed |= resumed;
        (record.Events.IsLive, record.Events.Lost) = (true, null);
        if (reason.Length > 0)
            record.Standing.Status = record.Standing.Known with { State = RunState.Seating, Reason = null };
        record.Events.Soften();
        _stop.Dispose();
        _stop = new();
        _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hold.Take();
        running.Add(data.Run, _loop = Live(reason, _begun, _loop));
    }

    /// <summary>Waits until nothing of it is under way, and has a successor take it up.</summary>
    /// <param name="patience">Waits no longer.</param>
    public async Task LetGo(CancellationToken patience)
    {
        await _loop.WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = record.Standing.HasSuccessor();
    }

    /// <summary>Holds the run at the end of the round that it is in.</summary>
    public void Pause() => _paused ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets a run go on that is held; when the task ends, that is in the journal.</summary>
    public Task GoOn()
    {
        var paused = _paused;
        _paused = null;
        paused?.TrySetResult();
        return _held;
    }

    /// <summary>Ends the run; the rounds that are done stay recorded.</summary>
    public async Task Stop()
    {
        if (record.Events.IsLive)
        {
            await _stop.CancelAsync();
            while (!record.Standing.Known.Ended && record.Events.IsLive) await record.Events.Changed;
            return;
        }
        record.Clock.Restart();
        await TakeUp();
        await ending.End(RunState.Stopped,
            record.Standing.Known.Round == 0 ? "It was stopped before it began." : "It was stopped on request.");
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task Live(string reason, TaskCompletionSource begun, Task before)
    {
        await Task.Yield(); // Start returns at once
        await before; // a run that is resumed at once may still be letting go
        record.Times.Start();
        var (mine, resumed) = (_stop, _resumed);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(mine.Token, running.Stopping, hold.Over);
        try
        {
            reason = await TakeStart(reason);
            begun.SetResult();
            data.Plans.Make();
            arrivals.Load(record.Events.All.OfType<RoundEvent>());
            Started(log, data.Run, data.Experiment.Nodes, data.Experiment.Rounds, record.Standing.Known.Folder);
            await seating.Seat(reason, stop.Token);
            while (!await Attempt(stop.Token))
            {
                // The next round, or the same from other seats.
            }
        }
        catch (Exception e)
        {
            var asked = e is OperationCanceledException && stop.IsCancellationRequested;
            await Close(e, asked, mine.IsCancellationRequested);
            begun.TrySetException(NotBegun(e, resumed));
        }
        finally
        {
            if (ReferenceEquals(_stop, mine)) record.Events.IsLive = false; // else it was begun anew
            record.Events.Signal();
        }
    }

    /// <summary>Why the run did not begin here; who did not ask for it in person finds it where it is now.</summary>
    private Exception NotBegun(Exception e, bool resumed) => hold.IsOver || (e is StaleClaimException && !resumed)
        ? new SiloUnavailableException($"Run '{data.Run}' goes on elsewhere.")
        : e is StaleClaimException ? RunException.Elsewhere(data.Run)
        : new RunException($"Run '{data.Run}' cannot begin: {Failures.Sentence(e)}");

    /// <summary>The run does not go on here, for whatever reason.</summary>
    private async Task Close(Exception e, bool asked, bool byUser)
    {
        if (hold.IsOver || e is StaleClaimException)
        {
            // another silo works on the run, or will in a moment: nothing may be written any more
            Replaced(log, data.Run, data.Epoch, hold.IsOver ? "Its activation is over." : e.Message);
            record.Events.Lost = RunException.Elsewhere(data.Run);
            hold.Abandon();
        }
        else if (e is HandOverException) await ending.Suspend(e.Message);
        else if (asked && byUser) await ending.EndSafely(RunState.Stopped, "It was stopped on request.");
        else if (asked) await ending.Suspend("Its silo was asked to stop.");
        else
        {
            IsLost(log, e, data.Run, Done);
            await ending.EndSafely(RunState.Failed, Failures.Sentence(e));
        }
    }

    /// <summary>Takes the run up, unless it was registered here, and sees to it that the journal knows of it.</summary>
    /// <returns>Why its nodes are seated anew; empty if they are not.</returns>
    private async Task<string> TakeStart(string reason)
    {
        var resumed = _resumed;
        var damage = reason.Length > 0 || !record.Events.Folder.IsOpen ? await TakeUp() : null;
        if (!record.Events.All.Any(e => e is StartedEvent)) await record.Events.Record(new StartedEvent());
        else if (resumed) await record.Events.Record(new ResumedEvent(data.History.Written));
        if (resumed) await record.Standing.Report(); // the registry would else wake no run that had ended
        return $"{reason} {damage}".Trim();
    }

    /// <returns>Why lines of the journal are left out; null if none are.</returns>
    private async Task<string?> TakeUp()
    {
        var (wasPaused, damage) = await opening.TakeUp();
        if (_resumed) _paused = null;
        else if (wasPaused) Pause();
        _resumed = false;
        if (damage is not null) IsCut(log, data.Run, damage);
        return damage;
    }

    /// <summary>
    /// One round, with what must be done before it, or the end after the last; if seats are lost, seats all anew from
    /// the last checkpoint.
    /// </summary>
    /// <returns>Whether the run has ended.</returns>
    private async Task<bool> Attempt(CancellationToken stop)
    {
        try
        {
            if (Done == data.Experiment.Rounds)
            {
                await ending.End(RunState.Finished, null, stop);
                return true;
            }
            await HoldIfPaused(stop);
            await Boundary(stop);
            await rounds.Run(stop);
        }
        catch (SeatsLostException e)
        {
            stop.ThrowIfCancellationRequested();
            record.Times.Record(ending.UnderWay);
            SeatsLost(log, data.Run, Done, e.Message);
            await seating.Seat(e.Message, stop, fromCheckpoint: true);
        }
        return false;
    }

    private async Task HoldIfPaused(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (_paused is not { } paused) return;
        using var phase = record.Clock.In(TimeAccount.PausePhase);
        await record.Events.Record(new PausedEvent(Done));
        record.Standing.Enter(RunState.Paused, record.Standing.Known.Present);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = held.Task;
        try
        {
            await paused.Task.WaitAsync(stop);
            await record.Events.Record(new ResumedEvent(Done));
        }
        finally
        {
            held.SetResult();
        }
        record.Standing.Enter(RunState.Running, record.Standing.Known.Present);
    }

    /// <summary>
    /// What happens between two rounds: members change, nodes move to silos that came and from silos that go.
    /// </summary>
    private async Task Boundary(CancellationToken stop)
    {
        if (data.Plans.Change(Done) is { } change)
        {
            await record.Events.Record(new MembersEvent(change, data.Plan.Members(Done).Version,
                data.Plan.Members(Done).Ranks.Length));
            WriteReplay();
        }
        var mayMove = data.Experiment.Checkpoints.Every > 0;
        if (mayMove && data.Seats.Candidates().Count > 0 && (data.Seats.HereLeaves || running.Leaving))
        {
            await settling.Checkpoint(stop);
            throw new HandOverException("Its silo was asked to stop.");
        }
        var reason = data.Seats.ReasonToMove(data.Plan.Members(Done), data.Experiment.Devices, Done, mayMove);
        if (reason.Length == 0) return;
        if (Done > 0) await settling.Checkpoint(stop);
        await seating.Seat(reason, stop);
    }

    private void WriteReplay()
    {
        MemberChange[] changes = [.. data.Plans.Changes];
        record.Events.Folder.Write(folder => folder.WriteReplay(data.Experiment, changes));
    }

    /// <summary>The run goes on elsewhere, because this silo stops.</summary>
    private sealed class HandOverException(string message) : Exception(message);

    [LoggerMessage(2, LogLevel.Error, "Run {Run} is lost after round {Round}.")]
    private static partial void IsLost(ILogger logger, Exception e, string run, int round);

    [LoggerMessage(26, LogLevel.Warning, "Run {Run} goes on from what its journal holds. {Damage}")]
    private static partial void IsCut(ILogger logger, string run, string damage);

    [LoggerMessage(5, LogLevel.Information, "Run {Run} begins: {Nodes} nodes, {Rounds} rounds, recorded in {Folder}.")]
    private static partial void Started(ILogger logger, string run, int nodes, int rounds, string folder);

    [LoggerMessage(11, LogLevel.Warning,
        "Run {Run}: seats were lost after round {Round}; going on from the last checkpoint. {Reason}")]
    private static partial void SeatsLost(ILogger logger, string run, int round, string reason);

    [LoggerMessage(17, LogLevel.Warning, "Run {Run} goes on elsewhere; epoch {Epoch} is over here. {Reason}")]
    private static partial void Replaced(ILogger logger, string run, long epoch, string reason);
}
