using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>Shows a run and turns its end into an exit code: 0 only if all its rounds are done.</summary>
/// <param name="federations">Reconnects.</param>
/// <param name="terminal">Where to.</param>
/// <param name="time">Paces redrawing and reconnecting.</param>
internal sealed class Following(IFederations federations, Terminal terminal, TimeProvider time)
{
    // What a stopped run still does: the phase that it is in, and the weights.
    private static readonly TimeSpan StopsWithin = TimeSpan.FromMinutes(2);

    /// <summary>The display that fits the output.</summary>
    /// <param name="json">Whether JSON lines are asked for.</param>
    /// <param name="dashboard">Address of the dashboard; null if it is not known.</param>
    public IRunDisplay Display(bool json, Uri? dashboard) =>
        json ? new JsonDisplay(terminal)
        : terminal.Live ? new LiveDisplay(terminal.Console, new RunView(dashboard), time)
        : new LineDisplay(terminal);

    /// <summary>Shows a run of a silo; Ctrl+C leaves it running there.</summary>
    /// <param name="federation">The connection to begin with.</param>
    /// <param name="target">Where to reconnect.</param>
    /// <param name="run">Run id.</param>
    /// <param name="from">First sequence number wanted.</param>
    /// <param name="display">Shows it.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    public async Task<int> WhileWatched(IFederation federation, ClusterTarget target, string run, long from,
        IRunDisplay display, CancellationToken cancellation)
    {
        await using var watcher =
            new Watcher(federation, c => federations.Connect(target, null, c), time, display.Notice);
        try
        {
            return Code(await display.Follow(watcher.Watch(run, from, cancellation)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            display.Notice(
                $"Run {run} goes on without you: 'flctl watch {run}' comes back to it, 'flctl stop {run}' ends it.");
            return ExitCode.Failed;
        }
    }

    /// <summary>Shows a run of an embedded silo; Ctrl+C stops it and keeps what is done.</summary>
    /// <param name="federation">The embedded silo.</param>
    /// <param name="run">Run id.</param>
    /// <param name="display">Shows it.</param>
    /// <param name="cancellation">Ctrl+C.</param>
    public async Task<int> ToTheEnd(
        IFederation federation, string run, IRunDisplay display, CancellationToken cancellation)
    {
        await using var watcher = new Watcher(federation, null, time, display.Notice);
        try
        {
            return Code(await display.Follow(watcher.Watch(run, 0, cancellation)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            display.Notice("Stopping the run; what is done is kept. Ctrl+C again ends flctl at once.");
            using var deadline = new CancellationTokenSource(StopsWithin, time);
            await federation.Stop(run);
            await display.Follow(watcher.Watch(run, watcher.Next, deadline.Token));
            return ExitCode.Failed;
        }
    }

    private static int Code(RunEvent? end) => end is FinishedEvent ? ExitCode.Done : ExitCode.Failed;
}
