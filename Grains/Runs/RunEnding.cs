using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;

namespace Orleans.FL.Grains.Runs;

/// <summary>How a run ends: its weights, its summary, its last event; or how it is let go without an end.</summary>
/// <param name="data">The run.</param>
/// <param name="claim">Holds its checkpoints.</param>
/// <param name="settling">Has nodes publish their weights.</param>
/// <param name="checkpoints">The last checkpoint.</param>
/// <param name="weights">Reads weights of nodes.</param>
/// <param name="hold">Lets go of what the run holds on this silo.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="log">Logs how runs end.</param>
internal sealed partial class RunEnding(RunData data, RunClaim claim, Settling settling, CheckpointKeeper checkpoints,
    NodeWeights weights, RunHold hold, RunRecord record, ILogger log)
{
    private int Done => data.History.Done;

    /// <summary>
    /// The round, from 1, that time after the last finished round counts for; at most the last round of the run.
    /// </summary>
    public int UnderWay => Math.Min(Done + 1, record.Standing.Known.Rounds);

    /// <summary>Ends the run; if even that fails, says so.</summary>
    /// <param name="state">How it ends.</param>
    /// <param name="reason">Why; null if all rounds are done.</param>
    public async Task EndSafely(RunState state, string? reason)
    {
        try
        {
            await End(state, reason);
        }
        catch (Exception) when (hold.IsOver)
        {
            hold.Abandon();
        }
        catch (Exception e)
        {
            NotEnded(log, e, data.Run);
            record.Events.Lost = e is StaleClaimException
                ? RunException.Elsewhere(data.Run)
                : new RunException($"Run '{data.Run}' is over, and its end could not be recorded: "
                    + $"{Failures.Sentence(e)} It was: {state.ToString().ToLowerInvariant()}. {reason}");
            record.Standing.Status = record.Standing.Known with { State = state, Reason = reason };
            await hold.Release();
        }
    }

    /// <summary>Writes what the run leaves, reports how it ended, and lets the nodes go.</summary>
    /// <param name="state">How it ends.</param>
    /// <param name="reason">Why; null if all rounds are done.</param>
    /// <param name="stop">Waits no longer for a disk that does not take the weights.</param>
    /// <exception cref="StaleClaimException">Another process works on the run.</exception>
    /// <exception cref="CheckpointException">The end could not be recorded.</exception>
    /// <exception cref="SeatsLostException">All rounds are done, and a silo was lost with weights of the last: it is to
    /// be done again.</exception>
    public async Task End(RunState state, string? reason, CancellationToken stop = default)
    {
        using var phase = record.Clock.In("end");
        string? hash = null;
        // weights take time, and the silo may not have it
        WriteEnd(record.Standing.Known with { State = state, Reason = reason });
        try
        {
            if (data.Seats.Seats.Count > 0) hash = await WriteWeights(state, stop);
        }
        catch (Exception e) when (!hold.IsOver && !stop.IsCancellationRequested
            && !(e is SeatsLostException && state == RunState.Finished))
        {
            NoWeights(log, e, data.Run);
            if (state == RunState.Finished)
                (state, reason) = (RunState.Failed, $"The weights could not be written: {Failures.Sentence(e)}");
        }
        record.Standing.Status = record.Standing.Known with { State = state, WeightsSha256 = hash, Reason = reason };
        WriteEnd(record.Standing.Known, isLast: true);
        await record.Events.Record(state switch
        {
            RunState.Finished => new FinishedEvent(
                data.Run, record.Standing.Known.Folder, Done, hash, record.Times.Seconds)
            {
                Metrics = RoundEvents.OfTest(record.Standing.Known.Test),
            },
            RunState.Stopped => new StoppedEvent(data.Run, record.Standing.Known.Folder, Done, reason!),
            _ => new FailedEvent(data.Run, record.Standing.Known.Folder, Done, reason!),
        });
        HasEnded(log, data.Run, state, Done, record.Standing.Known.Rounds, reason ?? "");
        record.Times.Record(UnderWay);
        record.Events.IsLive = false;
        record.Events.Signal();
        await hold.Release();
        if (state == RunState.Finished) await ForgetCheckpoints();
    }

    /// <summary>
    /// Lets go of the run without ending it: another silo, or this one after its restart, goes on from the
    /// last checkpoint.
    /// </summary>
    /// <param name="reason">Why.</param>
    public async Task Suspend(string reason)
    {
        try
        {
            await record.Events.Record(new SuspendedEvent(Done, reason));
        }
        catch (Exception e)
        {
            NotEnded(log, e, data.Run); // the journal goes without this line
        }
        record.Times.Record(UnderWay);
        record.Standing.Status = record.Standing.Known with { State = RunState.Suspended, Reason = reason };
        Suspended(log, data.Run, Done, record.Standing.Known.Rounds, reason);
        hold.Suspend();
    }

    private async Task<string?> WriteWeights(RunState state, CancellationToken stop)
    {
        data.Versions.CutTo(Done); // a round that was cut does not count
        var ended = state == RunState.Finished;
        await settling.Publish(snapshot: !ended && Done > checkpoints.Kept && data.Experiment.Checkpoints.Every > 0);
        if (ended && data.Plan.Protocol.Arrivals is { } arrivals)
        {
            var replay = data.Plan.Replay([.. Enumerable.Range(0, data.Experiment.Rounds).Select(arrivals.Of)]);
            record.Events.Folder.Write(folder => folder.WriteReplay(replay, []));
        }
        int[] holders = [.. data.Plan.Protocol.Holders(Math.Max(0, Done - 1)).Where(data.Seats.Seats.ContainsKey)];
        var patience = ended ? data.Experiment.Seating.RoundDeadlineSeconds : 0;
        return await record.Events.Folder.Do(folder => folder.WriteWeights(data.Plan, holders, Done,
            data.History.Best?.Round, round => data.AbsentFromExchanges(round).Select(a => a.Node),
            ended ? weights.Get : weights.Find), TimeSpan.FromSeconds(patience), stop);
    }

    private async Task ForgetCheckpoints()
    {
        try
        {
            await claim.ForgetCheckpoints();
        }
        catch (Exception e) when (e is CheckpointException or IOException)
        {
            CheckpointsStay(log, e, data.Run);
        }
    }

    private void WriteEnd(RunStatus status, bool isLast = false)
    {
        var (best, loss, seconds) = (data.History.Best, data.History.TestLoss, record.Times.Seconds);
        record.Events.Folder.Write(folder =>
        {
            folder.WriteEnd(status, best, loss, seconds);
            if (isLast) folder.LogEnd(status);
        });
    }

    [LoggerMessage(3, LogLevel.Error, "Run {Run}: its weights could not be written.")]
    private static partial void NoWeights(ILogger logger, Exception e, string run);

    [LoggerMessage(4, LogLevel.Warning, "Run {Run}: its checkpoints could not be removed.")]
    private static partial void CheckpointsStay(ILogger logger, Exception e, string run);

    [LoggerMessage(7, LogLevel.Information, "Run {Run} {State} after {Round} of {Rounds} rounds. {Reason}")]
    private static partial void HasEnded(
        ILogger logger, string run, RunState state, int round, int rounds, string reason);

    [LoggerMessage(18, LogLevel.Information,
        "Run {Run} is held after {Round} of {Rounds} rounds and goes on when a silo is there. {Reason}")]
    private static partial void Suspended(ILogger logger, string run, int round, int rounds, string reason);

    [LoggerMessage(20, LogLevel.Error, "Run {Run}: its end could not be written.")]
    private static partial void NotEnded(ILogger logger, Exception e, string run);
}
