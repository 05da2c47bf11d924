using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.Placement;
using RunOutcome = Orleans.FL.Learning.Records.RunStatus;
using RunStatus = Orleans.FL.Grains.Interfaces.RunStatus;

namespace Orleans.FL.Grains;

/// <summary>One run: its life and its watchers. The rounds are in the other part.</summary>
[PreferLocalPlacement]
internal sealed partial class ExperimentGrain(
    RunContexts contexts, RunningExperiments running, UpdateReader reader, IOptions<FederationOptions> options,
    TimeProvider time, ILogger<ExperimentGrain> log) : Grain, IExperimentGrain, IDisposable
{
    private readonly List<RunEvent> _events = [];
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource? _paused;
    private ProgressEvent? _progress;
    private RunRecorder? _recorder;
    private RunContext? _context;
    private RunStatus? _status;
    private string _json = "";
    private bool _foreign;
    private bool _started;

    private string Run => this.GetPrimaryKeyString();

    private RunStatus Known => _status ?? throw new InvalidOperationException(_foreign
        ? $"Run '{Run}' is going on in another process, which alone can be asked about it; 'flctl show {Run}' reads its folder."
        : $"There is no run '{Run}'.");

    /// <summary>Takes up what an earlier silo recorded of the run, if this is its folder.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!RunId.IsValid(Run) || !Directory.Exists(Path.Combine(options.Value.RunsFolder, Run))) return Task.CompletedTask;
        var folder = RunFolderReader.Open(options.Value.RunsFolder, Run);
        if (folder.Status == RunOutcome.Running)
        {
            _foreign = true;
            return Task.CompletedTask;
        }
        _events.AddRange(RunRecorder.ReadEvents(folder.Path));
        _status = StatusOf(folder, null);
        if (_events.Count > 0 && !_events[^1].Final)
            _events.Add(new FailedEvent(Run, folder.Path, _status.Round, _status.Reason ?? "The run's silo is gone.")
            {
                Sequence = _events.Count,
                Time = time.GetUtcNow(),
            });
        return Task.CompletedTask;
    }

    public async Task<Registration> Prepare(string experiment)
    {
        // A run that goes on must not notice that its id was asked for again.
        if (_status is not null || _foreign)
            return Refused(RunRecorder.Exists(Run, Path.GetFullPath(Path.Combine(options.Value.RunsFolder, Run))));
        try
        {
            _context = await contexts.Get(Run, experiment);
            _json = experiment;
            var plan = _context.Plan;
            _recorder = await Task.Run(() => RunRecorder.Create(Run, plan, experiment, options.Value, time));
            _status = new RunStatus(Run, plan.Experiment.Name, RunState.Registered, 0, plan.Experiment.Rounds,
                plan.Experiment.Nodes, 0, _recorder.Folder, time.GetUtcNow());
            Record(new RegisteredEvent(Run, _recorder.Folder, plan.Experiment.Name, ExperimentWriter.Hash(plan.Experiment),
                plan.Experiment.Nodes, plan.Experiment.Rounds, plan.Experiment.Algorithm.Name, plan.Experiment.Topology.Name,
                plan.Experiment.Dataset.Name, plan.Experiment.Model.Name));
            return new Registration(Run, _recorder.Folder, []);
        }
        catch (ExperimentException e)
        {
            contexts.Forget(Run);
            return Refused(e);
        }
    }

    public Task<RunStatus> Start()
    {
        if (_started || Known.Ended) return Task.FromResult(Known);
        if (_context is null) throw new InvalidOperationException($"Run '{Run}' was registered on a silo that is gone; start it under another id.");
        _started = true;
        this.DelayDeactivation(Timeout.InfiniteTimeSpan);
        running.Add(Run, Live());
        return Task.FromResult(Known);
    }

    public Task<RunStatus> Pause()
    {
        if (!Known.Ended && _paused is null) _paused = NewSignal();
        return Task.FromResult(Known);
    }

    public Task<RunStatus> Resume()
    {
        var paused = _paused;
        _paused = null;
        paused?.TrySetResult();
        return Task.FromResult(Known);
    }

    public async Task<RunStatus> Stop()
    {
        if (Known.Ended) return Known;
        if (!_started)
        {
            await End(RunState.Stopped, "It was stopped before it began.");
            return Known;
        }
        await _stop.CancelAsync();
        while (!Known.Ended) await _changed.Task;
        return Known;
    }

    public Task<RunStatus> Status() => Task.FromResult(Known);

    public async IAsyncEnumerable<RunEvent> Watch(
        long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        _ = Known;
        ProgressEvent? shown = null;
        for (var next = (int)Math.Clamp(from, 0, int.MaxValue); ;)
        {
            cancellation.ThrowIfCancellationRequested();
            var changed = _changed.Task;
            while (next < _events.Count)
            {
                var happened = _events[next++];
                yield return happened;
                if (happened.Final) yield break;
            }
            if (_events.Count > 0 && _events[^1] is { Final: true } end)
            {
                yield return end; // asked for from beyond the end: a stream without an end would look like a lost silo
                yield break;
            }
            if (_progress is { } progress && !ReferenceEquals(progress, shown))
            {
                shown = progress;
                yield return progress;
                continue;
            }
            await changed.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        if (_recorder is null) return;
        _recorder.Dispose(); // registered, and never started
        contexts.Forget(Run);
    }

    /// <summary>How a run stands as its folder tells.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="listing">What a listing already read; null to read it.</param>
    internal static RunStatus StatusOf(RunFolderReader folder, RunListing? listing)
    {
        var registered = RunRecorder.ReadEvents(folder.Path).OfType<RegisteredEvent>().FirstOrDefault();
        var summary = listing?.Fault is null ? folder.Summary() : null;
        var rounds = summary?.Rounds ?? listing?.Rounds ?? folder.Rounds().Count;
        var state = (listing?.Fault is null ? folder.Status : RunOutcome.Failed) switch
        {
            RunOutcome.Finished => RunState.Finished,
            RunOutcome.Stopped => RunState.Stopped,
            RunOutcome.Running => RunState.Running,
            _ => RunState.Failed,
        };
        var reason = listing?.Fault ?? summary?.Reason ?? (state == RunState.Failed
            ? $"Its silo was lost after round {rounds}; the rounds up to there are recorded. Start it again under another id." : null);
        return new RunStatus(folder.Id, registered?.Name ?? folder.Id, state, rounds, registered?.Rounds ?? rounds,
            registered?.Nodes ?? 0, 0, folder.Path, registered?.Time ?? DateTimeOffset.MinValue, summary?.TestAccuracy,
            summary?.WeightsSha256, reason);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Record(RunEvent happened)
    {
        happened = happened with { Sequence = _events.Count, Time = time.GetUtcNow() };
        _events.Add(happened);
        _progress = null;
        try
        {
            _recorder?.Append(happened);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExperimentException)
        {
            Log.NotRecorded(log, e, Run); // a full disk must not leave watchers waiting
        }
        Signal();
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static Registration Refused(ExperimentException e) => new(null, null, [.. e.Faults.Select(f => f.ToString())]);

    /// <summary>Tells the registry how the run stands; the run goes on if nobody hears it.</summary>
    private async Task Tell()
    {
        try
        {
            await GrainFactory.GetGrain<IRegistryGrain>(IRegistryGrain.Key).Report(Known);
        }
        catch (Exception e)
        {
            Log.NotTold(log, e, Run);
        }
    }
}
