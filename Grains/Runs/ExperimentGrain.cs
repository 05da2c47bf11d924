using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Interfaces;
using Orleans.Placement;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// One run as others see it: what it answers, and its watchers. What coordinates it are ordinary classes.
/// </summary>
/// <remarks>
/// All that must survive is in the checkpoint store: the journal, a line for each event, and the states of the nodes.
/// An event is in the journal before anybody sees it, so a successor on another silo goes on with the same events.
/// </remarks>
[PreferLocalPlacement]
internal sealed class ExperimentGrain : Grain, IExperimentGrain, IActivation, IDisposable
{
    private readonly RunServices _services;
    private readonly RunCoordinator _run;
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationToken _over;

    /// <summary>Coordinates the run that the key names.</summary>
    /// <param name="services">What the silo offers.</param>
    /// <param name="log">The log.</param>
    public ExperimentGrain(RunServices services, ILogger<ExperimentGrain> log)
    {
        _services = services;
        _over = _ending.Token;
        _run = new RunCoordinator(Run, services, this, log);
    }

    private string Run => this.GetPrimaryKeyString();

    private RunStatus Known
    {
        get
        {
            if (_run.Standing is { Status: null, Trouble: not null }) this.DeactivateOnIdle(); // may be over next time
            return _run.Standing.Known;
        }
    }

    /// <summary>Why it cannot go on; null if it can.</summary>
    private string? Obstacle => _run.Data.Plans.Json.Length > 0 ? null
        : _run.Standing.Trouble ?? $"Run '{Run}' left no journal to go on from; start it again under another id.";

    private bool IsLive => _run.Events.IsLive;

    /// <summary>Takes up what the journal, or the folder alone, says of the run.</summary>
    public override Task OnActivateAsync(CancellationToken cancellationToken) => _run.Opening.Find();

    /// <summary>What it coordinates ends with it; a successor takes the run up.</summary>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_run.Life.IsOver) return;
        await _ending.CancelAsync();
        await _run.Life.LetGo(cancellationToken);
    }

    public Task<Registration> Prepare(string experiment) => _run.Opening.Prepare(experiment);

    public async Task<RunStatus> Start()
    {
        if (Known.State == RunState.Registered && !IsLive) _run.Life.Begin("");
        else if (!_run.Standing.IsForeign) await Wake(); // it was started before
        await _run.Life.Begun;
        return Known;
    }

    public Task<RunStatus> Wake()
    {
        if (!IsLive && Known is { Ended: false, State: not RunState.Registered } && Obstacle is null)
        {
            _run.Standing.IsForeign = false; // the registry of the cluster knows the run as its own
            _run.Life.Begin("The run was taken up again.");
        }
        return Status();
    }

    public Task<RunStatus> Pause()
    {
        if (!Known.Ended) _run.Life.Pause();
        return Status();
    }

    public async Task<RunStatus> Resume()
    {
        if (Known.State == RunState.Finished)
            throw new RunException($"Run '{Run}' has finished; there is nothing to resume.");
        if (IsLive) await _run.Life.GoOn();
        else if (_run.Standing.IsForeign)
            throw RunException.Elsewhere(Run);
        else if (Obstacle is { } obstacle) throw new RunException(obstacle);
        else _run.Life.Begin("The run was resumed.", resumed: true);
        await _run.Life.Begun;
        return Known;
    }

    public async Task<RunStatus> Stop()
    {
        if (Known.Ended) return Known;
        if (Obstacle is { } obstacle) throw new RunException(obstacle);
        await _run.Life.Stop();
        return Known;
    }

    public Task<RunStatus> Status() => Task.FromResult(Known);

    public Task<Seat[]> Seats() => Task.FromResult(_run.Data.Seats.Peers);

    public Task SiloLeaves(string silo)
    {
        _run.Data.Seats.Leave(silo);
        return Task.CompletedTask;
    }

    public Task<MemberAnswer> ChangeMembers(int[] add, int[] remove) => Task.FromResult(
        (IsLive ? _run.Data.Plans.Ask(_run.Data.History.Done, add, remove) : null)
        ?? new MemberAnswer(null, [$"Run '{Run}' is not under way: {Known.State.ToString().ToLowerInvariant()}."]));

    public async IAsyncEnumerable<RunEvent> Watch(long from, [EnumeratorCancellation] CancellationToken cancellation)
    {
        _ = Known;
        await foreach (var happened in _run.Events.Watch(from, cancellation)) yield return happened;
    }

    CancellationToken IActivation.Over => _over;

    void IActivation.Stay() => this.DelayDeactivation(Timeout.InfiniteTimeSpan);

    void IActivation.MayGo(bool atOnce)
    {
        if (atOnce) this.DeactivateOnIdle();
        else this.DelayDeactivation(TimeSpan.Zero);
    }

    public void Dispose()
    {
        _run.Dispose();
        _ending.Dispose();
        if (!_run.Events.Folder.IsOpen) return;
        _run.Events.Folder.Close(); // registered, and never started
        _services.Contexts.Forget(Run, _run.Data.Epoch);
    }
}
