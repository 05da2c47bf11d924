using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.FL.Grains.Placement;

/// <summary>The silos of the cluster as this one sees them, by name, and when that changes.</summary>
/// <param name="membership">Orleans' membership.</param>
/// <param name="metadata">What each silo says of itself.</param>
/// <param name="local">This silo.</param>
/// <param name="options">What this silo brings.</param>
public sealed class SiloInventory(IClusterMembershipService membership, ISiloMetadataCache metadata,
    ILocalSiloDetails local, IOptions<FederationOptions> options) : ISiloView
{
    /// <summary>Metadata key of a silo's name.</summary>
    public const string NameKey = "fl.name";

    /// <summary>Metadata key of a silo's number of lanes.</summary>
    public const string LanesKey = "fl.lanes";

    /// <summary>Metadata key of a silo's labels, separated by commas.</summary>
    public const string LabelsKey = "fl.labels";

    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Name of this silo.</summary>
    public string Here => options.Value.SiloName;

    /// <summary>Ends when the silos change next.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The silos that work, by name; of two with one name the younger.</summary>
    public IReadOnlyList<SiloPlace> Silos =>
        [.. Active()
            .Select(s => (Address: s, Metadata: metadata.GetSiloMetadata(s).Metadata))
            .Where(s => s.Metadata.ContainsKey(NameKey))
            .OrderBy(s => s.Metadata[NameKey], StringComparer.Ordinal).ThenByDescending(s => s.Address.Generation)
            .DistinctBy(s => s.Metadata[NameKey])
            .Select(s => new SiloPlace(s.Metadata[NameKey], s.Address,
                int.TryParse(s.Metadata.GetValueOrDefault(LanesKey), out var lanes) ? lanes : 0,
                [.. s.Metadata.GetValueOrDefault(LabelsKey, "")
                    .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]))];

    /// <summary>Address of a silo; null if it does not work now.</summary>
    /// <param name="name">Its name.</param>
    public SiloAddress? AddressOf(string name) =>
        name == Here ? local.SiloAddress : Silos.FirstOrDefault(s => s.Name == name)?.Address;

    /// <summary>Notifies those that wait that the silos have changed.</summary>
    internal void Signal()
    {
        var changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private IEnumerable<SiloAddress> Active() =>
        membership.CurrentSnapshot.Members.Where(m => m.Value.Status == SiloStatus.Active).Select(m => m.Key)
            .Append(local.SiloAddress).Distinct();
}

/// <summary>A silo that works.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">Its address.</param>
/// <param name="Lanes">Its training lanes.</param>
/// <param name="Labels">What its owner says of it.</param>
public sealed record SiloPlace(string Name, SiloAddress Address, int Lanes, IReadOnlyList<string> Labels);
