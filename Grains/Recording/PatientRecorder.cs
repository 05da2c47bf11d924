using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Grains.Recording;

/// <summary>
/// The run folder as its coordinator writes it: what the disk does not take waits, and the run goes on meanwhile.
/// </summary>
/// <remarks>
/// From the first write that fails nothing is written, so that no file has a gap. When there is space, the folder is
/// made again from the journal, as when a run is taken up, and what the journal does not have is written after that.
/// </remarks>
/// <param name="claim">Has the journal.</param>
/// <param name="time">Paces tries.</param>
/// <param name="log">Logs when the record waits, and when it is whole again.</param>
internal sealed partial class PatientRecorder(RunClaim claim, TimeProvider time, ILogger log)
{
    // Of the rows that wait: those of some thousand rounds.
    private const int MostMissed = 20_000;
    private const long Margin = 64 << 10;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    private readonly List<Action<RunRecorder>> _missed = [];
    private Func<RunJournal, string, RunRecorder>? _rebuild;
    private RunRecorder? _recorder;
    private long _triedAt;

    /// <summary>Whether a run is recorded: it was registered or taken up here.</summary>
    public bool IsOpen => _rebuild is not null;

    /// <summary>What the record waits for, in a sentence; null for nothing.</summary>
    public string? Waiting { get; private set; }

    /// <summary>Whether the folder holds what is known when the nodes are seated, or will.</summary>
    public bool HasStart => _recorder?.HasStart ?? false;

    /// <summary>Records a run in a folder that is there.</summary>
    /// <param name="recorder">Writes it.</param>
    /// <param name="rebuild">Makes the folder again from a journal, with a line for its log.</param>
    public void Open(RunRecorder recorder, Func<RunJournal, string, RunRecorder> rebuild) =>
        (_recorder, _rebuild, Waiting) = (recorder, rebuild, null);

    /// <summary>Records a run that is taken up.</summary>
    /// <param name="journal">Its journal.</param>
    /// <param name="rebuild">Makes the folder again from a journal, with a line for its log.</param>
    public async Task TakeUp(RunJournal journal, Func<RunJournal, string, RunRecorder> rebuild)
    {
        Close();
        _rebuild = rebuild;
        try
        {
            _recorder = await Task.Run(() => rebuild(journal, $"Taken up again after round {journal.Reports.Count}."));
        }
        catch (Exception e) when (IsRefusal(e))
        {
            Wait(e);
        }
    }

    /// <summary>Writes what the journal does not have; if it cannot be written now, then later.</summary>
    /// <param name="write">Writes it.</param>
    public void Write(Action<RunRecorder> write)
    {
        if (!IsOpen) return;
        if (Waiting is null && Try(write)) return;
        if (_missed.Count < MostMissed) _missed.Add(write);
    }

    /// <summary>Writes what is in the journal, too.</summary>
    /// <param name="write">Writes it.</param>
    public void Append(Action<RunRecorder> write)
    {
        if (IsOpen && Waiting is null) Try(write);
    }

    /// <summary>Makes the record whole again, if it waits and there is space now.</summary>
    /// <exception cref="StaleClaimException">Another process works on the run.</exception>
    public async Task CatchUp()
    {
        if (Waiting is not { } waiting || _rebuild is not { } rebuild) return;
        if (time.GetElapsedTime(_triedAt) < BetweenTries) return;
        _triedAt = time.GetTimestamp();
        try
        {
            await claim.Require();
            var journal = await claim.ReadJournal();
            if (!HasRoom(journal)) return;
            await Task.Run(() => Replace(rebuild(journal, $"The record is whole again. {waiting}")));
            Waiting = null;
            IsWhole(log, claim.Run);
        }
        catch (Exception e) when (IsRefusal(e) || e is CheckpointException)
        {
            _triedAt = time.GetTimestamp(); // no better than before
        }
    }

    /// <summary>Does work that needs the folder, as soon as the record is whole.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="work">The work; is done again if the disk does not take what it writes.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="stop">Waits no longer.</param>
    /// <exception cref="ExperimentException">The record still waited after that time.</exception>
    public async Task<T> Do<T>(Func<RunRecorder, Task<T>> work, TimeSpan patience, CancellationToken stop)
    {
        if (!IsOpen) throw new InvalidOperationException("The run is not recorded.");
        for (var began = time.GetTimestamp(); ;)
        {
            await CatchUp();
            if (Waiting is null && _recorder is { } recorder)
            {
                try
                {
                    return await work(recorder);
                }
                catch (Exception e) when (IsRefusal(e))
                {
                    Wait(e);
                }
            }
            if (time.GetElapsedTime(began) >= patience) throw new ExperimentException(Waiting!);
            await Task.Delay(BetweenTries, time, stop);
        }
    }

    /// <summary>Lets go of the folder.</summary>
    public void Close()
    {
        _recorder?.Dispose();
        (_recorder, _rebuild, Waiting) = (null, null, null);
        _missed.Clear();
    }

    /// <summary>Whether an exception says that the disk does not take something.</summary>
    private static bool IsRefusal(Exception e) =>
        e is IOException or UnauthorizedAccessException or ExperimentException;

    private void Replace(RunRecorder whole)
    {
        _recorder?.Dispose();
        _recorder = whole;
        foreach (var write in _missed) write(whole);
        _missed.Clear();
    }

    /// <summary>Whether there is room for the record: a try that fails would take what others need meanwhile.</summary>
    private bool HasRoom(RunJournal journal)
    {
        if (_recorder is not { } recorder) return true;
        try
        {
            return new DriveInfo(recorder.Folder).AvailableFreeSpace > (2 * journal.Length) + Margin;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return true; // it does not say; a try will show
        }
    }

    private bool Try(Action<RunRecorder> write)
    {
        try
        {
            write(_recorder!);
            return true;
        }
        catch (Exception e) when (IsRefusal(e))
        {
            Wait(e);
            return false;
        }
    }

    private void Wait(Exception e)
    {
        _triedAt = time.GetTimestamp();
        var first = Waiting is null;
        Waiting = $"The run's record waits until it can be written: {e.Message.TrimEnd('.')}.";
        if (first) Waits(log, claim.Run, e.Message);
    }

    [LoggerMessage(27, LogLevel.Warning, "Run {Run} goes on, its record waits until it can be written: {Reason}")]
    private static partial void Waits(ILogger logger, string run, string reason);

    [LoggerMessage(28, LogLevel.Information, "Run {Run}: its record is whole again.")]
    private static partial void IsWhole(ILogger logger, string run);
}
