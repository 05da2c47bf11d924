using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Orleans.FL.Grains.Placement;

/// <summary>Places a node by its rank over the training lanes of all silos: always the same silo while the silos are the same.</summary>
[GenerateSerializer, Alias("fl.device-placement")]
public sealed class DevicePlacement : PlacementStrategy
{
    /// <summary>The one instance.</summary>
    public static DevicePlacement Singleton { get; } = new();
}

/// <summary>Marks grains that <see cref="DevicePlacement"/> places.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DevicePlacementAttribute() : PlacementAttribute(DevicePlacement.Singleton);

/// <summary>Chooses the silo of a node: the silos, by name, are repeated by their lanes; the rank counts through them.</summary>
/// <param name="metadata">What each silo says of itself.</param>
public sealed class DevicePlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    /// <summary>Metadata key of a silo's name.</summary>
    public const string NameKey = "fl.name";

    /// <summary>Metadata key of a silo's number of lanes.</summary>
    public const string LanesKey = "fl.lanes";

    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint) return Task.FromResult(hint);
        var slots = silos
            .OrderBy(s => Value(s, NameKey) ?? "", StringComparer.Ordinal).ThenBy(s => s.ToParsableString(), StringComparer.Ordinal)
            .SelectMany(s => Enumerable.Repeat(s, int.TryParse(Value(s, LanesKey), out var lanes) ? lanes : 0)).ToArray();
        if (slots.Length == 0) throw new OrleansException("No silo of the cluster has a training lane.");
        var key = target.GrainIdentity.Key.ToString() ?? "";
        var rank = int.Parse(key.AsSpan(key.LastIndexOf('/') + 1));
        return Task.FromResult(slots[rank % slots.Length]);
    }

    private string? Value(SiloAddress silo, string key) => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(key);
}
