using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// How a run stands. The registry is informed in the background; no round waits for that.
/// </summary>
internal sealed partial class RunStanding
{
    private const int TriesToReport = 10;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly string _run;
    private readonly IClusterGrains _grains;
    private readonly ILogger _log;
    private readonly LongCall _call;
    private Task _reporting = Task.CompletedTask;
    private bool _unreported;

    /// <summary>Nothing is known of the run yet.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="grains">Reaches the registry.</param>
    /// <param name="time">Paces tries.</param>
    /// <param name="log">Logs tries that fail.</param>
    public RunStanding(string run, IClusterGrains grains, TimeProvider time, ILogger log)
    {
        (_run, _grains, _log) = (run, grains, log);
        _call = new LongCall(time, _ => true, e => NotReported(log, e, run), BetweenTries, TriesToReport);
    }

    /// <summary>How the run stands; null if there is none.</summary>
    public RunStatus? Status { get; set; }

    /// <summary>Whether another process, of no cluster or of another one, works on the run.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Why the run's journal is no use, in a sentence; null if it is one, or there is none.</summary>
    public string? Trouble { get; set; }

    /// <summary>How the run stands.</summary>
    /// <exception cref="RunException">There is no such run here.</exception>
    public RunStatus Known => Status ?? throw (Trouble is { } trouble ? new RunException(trouble)
        : IsForeign ? RunException.Elsewhere(_run) : new RunException($"There is no run '{_run}'."));

    /// <summary>The run is in another state of its life; the registry is informed.</summary>
    /// <param name="state">The state.</param>
    /// <param name="present">Nodes that are present.</param>
    public void Enter(RunState state, int present)
    {
        Status = Known with { State = state, Present = present };
        _ = Report();
    }

    /// <summary>Informs the registry how the run stands.</summary>
    /// <returns>Ends when it knows, or does not answer; never fails, and need not be awaited.</returns>
    public Task Report()
    {
        _unreported = true;
        if (_reporting.IsCompleted) _reporting = ReportLatest();
        return _reporting;
    }

    /// <summary>Nobody works on the run here any more: the registry is asked to find it another coordinator.</summary>
    public async Task HasSuccessor()
    {
        try
        {
            await _grains.Registry.Revive();
        }
        catch (Exception e)
        {
            NotRevived(_log, e, _run); // its reminder does the same within a minute
        }
    }

    private async Task ReportLatest()
    {
        try
        {
            while (_unreported) await _call.Ask(ReportOnce, CancellationToken.None);
        }
        catch (Exception e)
        {
            NotReported(_log, e, _run);
            _unreported = true; // the next report includes it
        }
    }

    private async Task<bool> ReportOnce()
    {
        _unreported = false;
        await _grains.Registry.Report(Known);
        return true;
    }

    [LoggerMessage(9, LogLevel.Warning, "Run {Run}: the registry could not be informed how it stands.")]
    private static partial void NotReported(ILogger logger, Exception e, string run);

    [LoggerMessage(25, LogLevel.Debug, "Run {Run}: the registry could not be asked to wake it.")]
    private static partial void NotRevived(ILogger logger, Exception e, string run);
}
