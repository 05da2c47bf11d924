using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Times;

namespace Orleans.FL.Grains.Recording;

/// <summary>
/// The log of a run and its watchers: an event is in the journal before anybody sees it, and in the run
/// folder after that.
/// </summary>
/// <remarks>
/// For one flow of work and any number of watchers, all on one grain's turns; not safe for several threads.
/// </remarks>
/// <param name="claim">Writes to the journal.</param>
/// <param name="clock">Counts the time that recording takes.</param>
/// <param name="time">Dates events and paces pulses.</param>
/// <param name="log">Logs what waits.</param>
internal sealed partial class RunEvents(RunClaim claim, PhaseClock clock, TimeProvider time, ILogger log)
{
    // flctl counts the silo as lost when three of them in a row do not come.
    private static readonly TimeSpan PulseEvery = TimeSpan.FromSeconds(2);

    // A store that takes longer than this is said to be waited for.
    private static readonly TimeSpan StoreAnswersWithin = TimeSpan.FromSeconds(2);

    private readonly List<RunEvent> _events = [];
    private readonly PatientRecorder _folder = new(claim, time, log);
    private TaskCompletionSource _changed = NewSignal();
    private ProgressEvent? _progress;
    private string? _store; // that it is waited for

    /// <summary>The events so far, in their order.</summary>
    public IReadOnlyList<RunEvent> All => _events;

    /// <summary>The run folder.</summary>
    public PatientRecorder Folder => _folder;

    /// <summary>Whether the run is under way: watchers wait for more then.</summary>
    public bool IsLive { get; set; }

    /// <summary>
    /// Why nobody works on the run here any more though no event says so; null while somebody does, or may.
    /// </summary>
    public RunException? Lost { get; set; }

    /// <summary>Ends when watchers have something new to look at.</summary>
    public Task Changed => _changed.Task;

    /// <summary>What the run or its record waits for, in a sentence; null for nothing.</summary>
    private string? Awaited => _store ?? Folder.Waiting;

    /// <summary>Puts events of the past in place of those that are known.</summary>
    /// <param name="events">The events, in their order.</param>
    public void Load(IEnumerable<RunEvent> events)
    {
        RunEvent[] loaded = [.. events];
        _events.Clear();
        _events.AddRange(loaded);
    }

    /// <summary>Shows an end that was none, because the run is resumed, as a pause.</summary>
    public void Soften() => Load([.. _events.Select(RunJournal.Softened)]);

    /// <summary>Writes an event to the journal, then lets everybody see it.</summary>
    /// <param name="happened">The event; its number and its time are set here.</param>
    /// <param name="attached">What belongs to it and only a successor reads: the experiment, or a round's
    /// report.</param>
    public async Task Record(RunEvent happened, string? attached = null)
    {
        using var phase = clock.In("record");
        happened = happened with { Sequence = _events.Count, Time = time.GetUtcNow() };
        await WaitForStore(claim.Append(RunJournal.Line(happened, attached)));
        _events.Add(happened);
        _progress = null;
        Folder.Append(folder => folder.Append(happened));
        Signal();
    }

    /// <summary>Shows watchers how far a phase is; it is not recorded.</summary>
    /// <param name="round">Round, from 1.</param>
    /// <param name="phase">Name of the phase.</param>
    /// <param name="done">Nodes that are done.</param>
    /// <param name="of">Nodes in all.</param>
    public void Show(int round, string phase, int done, int of)
    {
        _progress = new ProgressEvent(round, phase, done, of) { Sequence = _events.Count, Time = time.GetUtcNow() };
        Signal();
    }

    /// <summary>
    /// Awaits the checkpoint store; if that takes long, the log and the watchers are shown what the run waits for.
    /// </summary>
    /// <param name="asked">What the store was asked for.</param>
    public async Task WaitForStore(Task asked)
    {
        if (!await asked.EndsWithin(StoreAnswersWithin, time))
        {
            _store = $"The run waits for {claim.StoreName}.";
            Waiting(log, claim.Run, claim.StoreName);
            Signal();
        }
        try
        {
            await asked;
        }
        finally
        {
            if (_store is not null)
            {
                _store = null;
                WaitedLong(log, claim.Run, claim.StoreName);
                Signal();
            }
        }
    }

    /// <summary>
    /// The events from a number on: first the past ones, then each as it happens, with progress and pulses between, to
    /// the end of the run.
    /// </summary>
    /// <param name="from">First number wanted; from beyond the end, the end alone comes.</param>
    /// <param name="cancellation">Ends the watching.</param>
    /// <exception cref="RunException">Nobody works on the run here any more.</exception>
    public async IAsyncEnumerable<RunEvent> Watch(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ProgressEvent? shown = null;
        string? waiting = null;
        RunEvent? last = null;
        for (var next = (int)Math.Clamp(from, 0, int.MaxValue); ;)
        {
            cancellation.ThrowIfCancellationRequested();
            var changed = Changed;
            while (next < _events.Count)
            {
                var happened = _events[next++];
                yield return last = happened;
            }
            // a run that was stopped or failed may have been resumed since
            if (!IsLive && _events is [.., { Final: true } end])
            {
                // asked for from beyond it: a stream without an end would look like a lost silo
                if (!ReferenceEquals(last, end)) yield return end;
                yield break;
            }
            if (!IsLive && Lost is { } lost) throw lost;
            if (_progress is { } progress && !ReferenceEquals(progress, shown))
            {
                shown = progress;
                yield return progress;
                continue;
            }
            var alive = waiting == Awaited
                && await Task.WhenAny(changed, Task.Delay(PulseEvery, time, cancellation)) == changed;
            if (alive) continue;
            yield return new PulseEvent(waiting = Awaited) { Sequence = _events.Count, Time = time.GetUtcNow() };
        }
    }

    /// <summary>Has watchers look again.</summary>
    public void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(21, LogLevel.Warning, "Run {Run} waits for {Store}.")]
    private static partial void Waiting(ILogger logger, string run, string store);

    [LoggerMessage(22, LogLevel.Information, "Run {Run} waits for {Store} no longer.")]
    private static partial void WaitedLong(ILogger logger, string run, string store);
}
