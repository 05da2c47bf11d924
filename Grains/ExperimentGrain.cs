using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Runs;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
using Orleans.Placement;
using RunOutcome = Orleans.FL.Learning.Records.RunStatus;
using RunStatus = Orleans.FL.Grains.Interfaces.RunStatus;

namespace Orleans.FL.Grains;

/// <summary>One run: what it answers, and its watchers. Its life and its rounds are in the other parts.</summary>
/// <remarks>
/// All that must survive is in the checkpoint store: the journal, a line for each event, and the states of the nodes. An
/// event is in the journal before anybody sees it, so a successor on another silo goes on with the same events.
/// </remarks>
[PreferLocalPlacement]
internal sealed partial class ExperimentGrain(
    RunContexts contexts, NodeStates states, RunningExperiments running, UpdateReader reader, ICheckpointStore store, RunCheckpoints checkpoints, SiloInventory inventory, SiloMeter meter,
    IOptions<FederationOptions> options, TimeProvider time, ILogger<ExperimentGrain> log) : Grain, IExperimentGrain, IDisposable
{
    private const int TriesToReport = 10;

    // flctl takes three of them in a row that do not come for a lost silo.
    private static readonly TimeSpan PulseEvery = TimeSpan.FromSeconds(2);

    // A store that takes longer than this is said to be waited for.
    private static readonly TimeSpan StoreAnswersWithin = TimeSpan.FromSeconds(2);

    private readonly List<RunEvent> _events = [];
    private CancellationTokenSource _stop = new();
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource? _paused;
    private ProgressEvent? _progress;
    private string? _waiting;
    private RunRecorder? _recorder;
    private RunContext? _context;
    private RunStatus? _status;
    private string _json = "";
    private bool _foreign;
    private bool _live;
    private Task _loop = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;
    private bool _unreported;

    private string Run => this.GetPrimaryKeyString();

    private RunStatus Known => _status ?? throw new InvalidOperationException(_foreign
        ? $"Run '{Run}' is going on in another process, which alone can be asked about it; 'flctl show {Run}' reads its folder."
        : $"There is no run '{Run}'.");

    /// <summary>Takes up what the journal, or the folder alone, tells of the run.</summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!RunId.IsValid(Run)) return;
        var journal = RunJournal.Read(await store.Journal(Run));
        if (journal.Registered is null)
        {
            ReadFolder();
            return;
        }
        _json = journal.Experiment;
        _events.AddRange(journal.Events);
        _status = journal.Status;
        _foreign = !Known.Ended && IsOwned();
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
            _epoch = await store.Claim(Run);
            _status = new RunStatus(Run, plan.Experiment.Name, RunState.Registered, 0, plan.Experiment.Rounds,
                plan.Experiment.Nodes, 0, _recorder.Folder, time.GetUtcNow());
            await Record(new RegisteredEvent(Run, _recorder.Folder, plan.Experiment.Name, ExperimentWriter.Hash(plan.Experiment),
                plan.Experiment.Nodes, plan.Experiment.Rounds, plan.Experiment.Algorithm.Name, plan.Experiment.Topology.Name,
                plan.Experiment.Dataset.Name, plan.Experiment.Model.Name), experiment);
            return new Registration(Run, _recorder.Folder, []);
        }
        catch (Exception e) when (e is ExperimentException or CheckpointException)
        {
            contexts.Forget(Run);
            _recorder?.Dispose();
            (_recorder, _context, _status) = (null, null, null);
            return Refused(e as ExperimentException ?? new ExperimentException(e.Message));
        }
    }

    public Task<RunStatus> Start()
    {
        if (!_live && Known.State == RunState.Registered) Begin("");
        return Task.FromResult(Known);
    }

    public Task<RunStatus> Wake()
    {
        if (!_live && Known is { Ended: false, State: not RunState.Registered })
        {
            _foreign = false; // the registry of the cluster knows the run as its own
            Begin("The run was taken up again.");
        }
        return Task.FromResult(Known);
    }

    public Task<RunStatus> Pause()
    {
        if (!Known.Ended && _paused is null) _paused = NewSignal();
        return Task.FromResult(Known);
    }

    public Task<RunStatus> Resume()
    {
        if (Known.State == RunState.Finished) throw new InvalidOperationException($"Run '{Run}' has finished; there is nothing to resume.");
        if (_live)
        {
            var paused = _paused;
            _paused = null;
            paused?.TrySetResult();
        }
        else if (_foreign)
        {
            throw new InvalidOperationException($"Run '{Run}' is going on in another process.");
        }
        else if (_json.Length == 0)
        {
            throw new InvalidOperationException($"Run '{Run}' left no journal to go on from; start it again under another id.");
        }
        else
        {
            _resumed = true;
            Begin("The run was resumed.");
        }
        return Task.FromResult(Known);
    }

    public async Task<RunStatus> Stop()
    {
        if (Known.Ended) return Known;
        if (!_live)
        {
            Clock.Restart();
            await TakeUp();
            await End(RunState.Stopped, Known.Round == 0 ? "It was stopped before it began." : "It was stopped on request.");
            return Known;
        }
        await _stop.CancelAsync();
        while (!Known.Ended && _live) await _changed.Task;
        return Known;
    }

    public Task<RunStatus> Status() => Task.FromResult(Known);

    public Task<Seat[]> Seats() => Task.FromResult(_peers);

    public Task SiloLeaves(string silo)
    {
        _leaving.Add(silo);
        return Task.CompletedTask;
    }

    public Task<MemberAnswer> ChangeMembers(int[] add, int[] remove)
    {
        if (!_live || _plan is not { } plan)
            return Task.FromResult(new MemberAnswer(null, [$"Run '{Run}' is not under way: {Known.State.ToString().ToLowerInvariant()}."]));
        if (_asked is not null)
            return Task.FromResult(new MemberAnswer(null, ["Another change waits for the beginning of the next round; ask again after it."]));
        var round = _done + 2; // the round that is under way goes on as it is
        if (round > Experiment.Rounds)
            return Task.FromResult(new MemberAnswer(null, ["The last round is under way; there is none left for the change to hold in."]));
        if (add.Length + remove.Length == 0)
        {
            var free = Enumerable.Range(0, Experiment.Nodes).Except(plan.Members(round - 1).Ranks).Take(1).ToArray();
            if (free.Length == 0)
                return Task.FromResult(new MemberAnswer(null, [$"All {Experiment.Nodes} nodes are members. The data are split over 'nodes' shares when the "
                    + "run begins; to leave room for more, set nodes higher and seating.members to how many begin."]));
            add = free;
        }
        var change = new MemberChange(round, add, remove);
        var errors = plan.Refusals(new MembershipChange { Round = round, Add = [.. add], Remove = [.. remove] });
        if (errors.Count > 0) return Task.FromResult(new MemberAnswer(null, [.. errors]));
        _asked = change;
        return Task.FromResult(new MemberAnswer(change, []));
    }

    public async IAsyncEnumerable<RunEvent> Watch(
        long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        _ = Known;
        ProgressEvent? shown = null;
        string? waiting = null;
        RunEvent? last = null;
        for (var next = (int)Math.Clamp(from, 0, int.MaxValue); ;)
        {
            cancellation.ThrowIfCancellationRequested();
            var changed = _changed.Task;
            while (next < _events.Count)
            {
                var happened = _events[next++];
                yield return last = happened;
            }
            if (!_live && _events is [.., { Final: true } end]) // a run that was stopped or failed may have been resumed since
            {
                if (!ReferenceEquals(last, end)) yield return end; // asked for from beyond the end: a stream without an end would look like a lost silo
                yield break;
            }
            if (_progress is { } progress && !ReferenceEquals(progress, shown))
            {
                shown = progress;
                yield return progress;
                continue;
            }
            var alive = waiting == _waiting && await Task.WhenAny(changed, Task.Delay(PulseEvery, time, cancellation)) == changed;
            if (alive) continue;
            yield return new PulseEvent(waiting = _waiting) { Sequence = _events.Count, Time = time.GetUtcNow() };
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
        var summary = listing?.ValidationError is null ? folder.Summary() : null;
        var rounds = summary?.Rounds ?? listing?.Rounds ?? folder.Rounds().Count;
        var state = (listing?.ValidationError is null ? folder.Status : RunOutcome.Failed) switch
        {
            RunOutcome.Finished => RunState.Finished,
            RunOutcome.Stopped => RunState.Stopped,
            RunOutcome.Running => RunState.Running,
            RunOutcome.Unfinished when registered is not null => RunState.Suspended,
            _ => RunState.Failed,
        };
        var reason = listing?.ValidationError ?? summary?.Reason ?? (state == RunState.Suspended
            ? $"Its silo was lost after round {rounds}; 'flctl resume {folder.Id}' goes on from the last checkpoint." : null);
        return new RunStatus(folder.Id, registered?.Name ?? folder.Id, state, rounds, registered?.Rounds ?? rounds,
            registered?.Nodes ?? 0, 0, folder.Path, registered?.Time ?? DateTimeOffset.MinValue, summary?.Score is { Last: { } last } score ? new MetricValue(score.Metric, last) : null,
            summary?.WeightsSha256, reason);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the run's loop.</summary>
    private void Begin(string reason)
    {
        _live = true;
        if (reason.Length > 0) _status = Known with { State = RunState.Seating, Reason = null };
        for (var i = 0; i < _events.Count; i++) _events[i] = RunJournal.Softened(_events[i]); // an end that was none
        _stop.Dispose();
        _stop = new();
        this.DelayDeactivation(Timeout.InfiniteTimeSpan);
        running.Add(Run, _loop = Live(reason, _loop));
    }

    /// <summary>A run whose folder is here without a journal: one of an earlier version, or another process works on it.</summary>
    private void ReadFolder()
    {
        if (!Directory.Exists(Path.Combine(options.Value.RunsFolder, Run))) return;
        var folder = RunFolderReader.Open(options.Value.RunsFolder, Run);
        if (folder.Status == RunOutcome.Running)
        {
            _foreign = true;
            return;
        }
        _events.AddRange(RunRecorder.ReadEvents(folder.Path));
        _status = StatusOf(folder, null);
    }

    private bool IsOwned() => Directory.Exists(Path.Combine(options.Value.RunsFolder, Run))
        && RunFolderReader.Open(options.Value.RunsFolder, Run).Status == RunOutcome.Running;

    /// <summary>Writes an event to the journal, then lets everybody see it.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="attached">What belongs to it and only a successor reads: the experiment, or a round's report.</param>
    private async Task Record(RunEvent happened, string? attached = null)
    {
        using var phase = Clock.In("record");
        happened = happened with { Sequence = _events.Count, Time = time.GetUtcNow() };
        await Patiently(store.Append(Run, _epoch, RunJournal.Line(happened, attached)));
        _events.Add(happened);
        _progress = null;
        try
        {
            _recorder?.Append(happened);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExperimentException)
        {
            Log.NotRecorded(log, e, Run); // the journal has it; the folder is made anew from that when the run is taken up again
        }
        Signal();
    }

    /// <summary>Awaits the checkpoint store; if that takes long, log and watchers hear what the run waits for.</summary>
    private async Task Patiently(Task asked)
    {
        using var over = new CancellationTokenSource();
        if (await Task.WhenAny(asked, Task.Delay(StoreAnswersWithin, time, over.Token)) != asked)
        {
            _waiting = $"The run waits for {store.Name}.";
            Log.Waiting(log, Run, store.Name);
            Signal();
        }
        await over.CancelAsync();
        try
        {
            await asked;
        }
        finally
        {
            if (_waiting is not null)
            {
                _waiting = null;
                Log.WaitedLong(log, Run, store.Name);
                Signal();
            }
        }
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static Registration Refused(ExperimentException e) => new(null, null, [.. e.Errors.Select(f => f.ToString())]);

    /// <summary>Tells the registry how the run stands, in the background: no round waits for it.</summary>
    private void Tell()
    {
        _unreported = true;
        if (_reporting.IsCompleted) _reporting = ReportLatest();
    }

    private async Task ReportLatest()
    {
        for (var tries = 0; _unreported && tries < TriesToReport; tries++)
        {
            _unreported = false;
            try
            {
                await Registry.Report(Known);
                tries = -1;
            }
            catch (Exception e)
            {
                Log.NotReported(log, e, Run);
                _unreported = true;
                await Task.Delay(BetweenTries, time);
            }
        }
    }
}
