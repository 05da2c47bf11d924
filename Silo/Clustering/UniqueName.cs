using Microsoft.Extensions.Options;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Silo.Clustering;

/// <summary>Refuses the start of a silo whose name another silo of its cluster has and lives.</summary>
/// <remarks>
/// Nodes sit on names: two silos of one name would take each other's seats. It looks before this silo is in the list of
/// silos, so that one that is refused leaves no trace there, and again when it is in it as one that joins: of two that
/// start at once at least one sees the other then, and the one with the higher address gives way.
/// </remarks>
/// <param name="table">The list of silos.</param>
/// <param name="local">This silo.</param>
/// <param name="time">The clock.</param>
internal sealed class UniqueName(IMembershipTable table, ILocalSiloDetails local, TimeProvider time)
    : ILifecycleParticipant<ISiloLifecycle>
{
    // An entry that was not renewed for so long is of a silo that died: clocks may differ by a few seconds.
    private static readonly TimeSpan Fresh = (3 * MembershipTimings.AliveEvery) + TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer)
    {
        // the list is read at the stage before, and written to at the one after
        observer.Subscribe(nameof(UniqueName), ServiceLifecycleStage.AfterRuntimeGrainServices - 1, Check);
        observer.Subscribe(nameof(UniqueName), ServiceLifecycleStage.AfterRuntimeGrainServices + 1, Check);
    }

    private async Task Check(CancellationToken cancellation)
    {
        while (await Other(cancellation) is { } other)
        {
            if (other.Status != SiloStatus.Joining || other.SiloAddress.CompareTo(local.SiloAddress) < 0)
                throw new OptionsValidationException("", typeof(SiloOptions),
                    [$"--name: a silo of this cluster is named '{local.Name}' and is at work at "
                        + $"{other.SiloAddress.Endpoint}; give this one another name, or stop that one first."]);
            await Task.Delay(BetweenLooks, time, cancellation); // it gives way, or did not see this silo
        }
    }

    private async Task<MembershipEntry?> Other(CancellationToken cancellation)
    {
        foreach (var (entry, _) in (await table.ReadAllAsync(cancellation)).Members)
            if (entry.SiloName == local.Name && !entry.SiloAddress.Endpoint.Equals(local.SiloAddress.Endpoint)
                && entry.Status != SiloStatus.Dead && time.GetUtcNow() - AliveAt(entry) < Fresh
                && await SiloEndpoint.Answers(entry.SiloAddress.Endpoint, cancellation))
                return entry;
        return null;
    }

    // Databases forget that these times are UTC.
    private static DateTimeOffset AliveAt(MembershipEntry entry) => DateTime.SpecifyKind(
        entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime, DateTimeKind.Utc);
}
