using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;

namespace Orleans.FL.Grains.Silos;

/// <summary>
/// The runs whose loops are on this silo; a silo that stops hands its nodes over and lets go of the loops first.
/// </summary>
/// <param name="life">Says when the silo begins to stop.</param>
/// <param name="grains">Reaches the registry.</param>
/// <param name="inventory">The silos.</param>
/// <param name="contexts">Know which nodes sit here.</param>
/// <param name="options">How long a hand-over may take.</param>
public sealed class RunningExperiments(
    IHostApplicationLifetime life, IGrainFactory grains, SiloInventory inventory, RunContexts contexts,
    Microsoft.Extensions.Options.IOptions<FederationOptions> options) : IHostedService, IDisposable
{
    private static readonly TimeSpan PatienceWithLoops = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Task> _loops = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Whether the silo is about to stop and hands over what it holds.</summary>
    public bool Leaving { get; private set; }

    /// <summary>Cancelled when the silo stops, hand-over or not.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Takes note of a run's loop until it ends.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="loop">The loop; it observes <see cref="Stopping"/>.</param>
    public void Add(string run, Task loop)
    {
        _loops[run] = loop;
        loop.ContinueWith(_ => _loops.TryRemove(new(run, loop)), TaskScheduler.Default);
    }

    /// <summary>Hooks the hand-over before the end of Orleans: the host waits for these callbacks first.</summary>
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        life.ApplicationStopping.Register(() =>
        {
            Leaving = true;
            if (inventory.Silos.Count > 1 && options.Value.HandOverSeconds > 0)
                HandOver().Wait(TimeSpan.FromSeconds(options.Value.HandOverSeconds));
            _stopping.Cancel();
            Task.WaitAll([.. _loops.Values.Select(l => l.ContinueWith(_ => { }, TaskScheduler.Default))],
                PatienceWithLoops);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    /// <summary>Informs the runs, and waits until no loop and no node is left here.</summary>
    private Task HandOver() => Task.Run(async () =>
    {
        try
        {
            await grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key).SiloLeaves(inventory.Here);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            return; // the runs are not informed, and go on from their last checkpoints
        }
        using var look = new PeriodicTimer(BetweenLooks);
        while ((!_loops.IsEmpty || contexts.Seated(inventory.Here).Count > 0) && await look.WaitForNextTickAsync())
        {
            // The rounds under way end, their nodes move.
        }
    });
}
