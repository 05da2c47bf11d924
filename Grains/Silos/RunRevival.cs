using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;

namespace Orleans.FL.Grains.Silos;

/// <summary>
/// Has the registry wake the runs that nobody works on: when this silo starts, and when another one is lost.
/// </summary>
/// <param name="membership">Says when silos come and go.</param>
/// <param name="inventory">Is notified of the same.</param>
/// <param name="grains">Reaches the registry.</param>
/// <param name="time">Paces the tries.</param>
/// <param name="log">Logs tries that fail.</param>
internal sealed partial class RunRevival(IClusterMembershipService membership, SiloInventory inventory,
    IGrainFactory grains, TimeProvider time, ILogger<RunRevival> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int Tries = 20;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly LongCall _calls = new(time, _ => true, e => NotRevived(log, e.Message), BetweenTries, Tries);
    private Task _watch = Task.CompletedTask;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(RunRevival), ServiceLifecycleStage.Active, _ =>
        {
            _watch = Task.Run(Watch, CancellationToken.None);
            return Task.CompletedTask;
        }, async _ =>
    {
        await _stopping.CancelAsync();
        await _watch;
    });

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task Watch()
    {
        try
        {
            await Revive();
            var before = 0;
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                inventory.Signal();
                var lost = snapshot.Members.Count(m => m.Value.Status == SiloStatus.Dead);
                if (lost > before) await Revive();
                before = lost;
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task Revive()
    {
        try
        {
            await _calls.Ask(async () =>
            {
                await grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key).Revive().WaitAsync(_stopping.Token);
                return true;
            }, _stopping.Token);
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            NotRevived(log, e.Message); // the registry's reminder wakes the runs, too
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The registry could not be asked to wake the runs: {Reason}")]
    private static partial void NotRevived(ILogger logger, string reason);
}
