using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Orleans.FL.Grains.Placement;

/// <summary>
/// Places a grain on the silo that its key names: what stands after the last <c>@</c>, or the whole key.
/// </summary>
/// <remarks>
/// A pure function of the key: a grain is never placed by load, and comes back to its silo or nowhere. Which silo a
/// node sits on the run's coordinator decides (<see cref="SeatPlan"/>).
/// </remarks>
[GenerateSerializer, Alias("fl.silo-placement")]
public sealed class SiloPlacement : PlacementStrategy
{
    /// <summary>The one instance.</summary>
    public static SiloPlacement Singleton { get; } = new();
}

/// <summary>Marks grains that <see cref="SiloPlacement"/> places.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SiloPlacementAttribute() : PlacementAttribute(SiloPlacement.Singleton);

/// <summary>Finds the silo that a key names.</summary>
/// <param name="inventory">The silos and their names.</param>
public sealed class SiloPlacementDirector(SiloInventory inventory) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString() ?? "";
        var name = key[(key.LastIndexOf('@') + 1)..];
        return inventory.AddressOf(name) is { } silo && context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new SiloGoneException($"There is no silo '{name}' in the cluster now.");
    }
}

/// <summary>A silo that was named is not, or no longer, in the cluster.</summary>
/// <param name="message">Which one.</param>
[GenerateSerializer, Alias("fl.silo-gone-exception")]
public sealed class SiloGoneException(string message) : OrleansException(message);
