using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Orleans.FL.Grains.Runs;

/// <summary>The runs whose loops are on this silo; a silo that stops ends them first, so that what was committed is recorded.</summary>
/// <param name="life">Tells when the silo begins to stop.</param>
public sealed class RunningExperiments(IHostApplicationLifetime life) : IHostedService, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, Task> _loops = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled when the silo begins to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Runs whose loops are here.</summary>
    public IReadOnlyCollection<string> Runs => [.. _loops.Keys];

    /// <summary>Takes note of a run's loop until it ends.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="loop">The loop; it observes <see cref="Stopping"/>.</param>
    public void Add(string run, Task loop)
    {
        _loops[run] = loop;
        loop.ContinueWith(_ => _loops.TryRemove(run, out Task? _), TaskScheduler.Default);
    }

    /// <summary>Hooks the end of the loops before the end of Orleans: the host waits for these callbacks first.</summary>
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        life.ApplicationStopping.Register(() =>
        {
            _stopping.Cancel();
            Task.WaitAll([.. _loops.Values.Select(l => l.ContinueWith(_ => { }, TaskScheduler.Default))], Patience);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();
}
