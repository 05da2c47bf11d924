using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Runs;

/// <summary>The grains that the coordinator of a run calls.</summary>
internal interface IClusterGrains
{
    /// <summary>The registry of the cluster.</summary>
    IRegistryGrain Registry { get; }

    /// <summary>A silo.</summary>
    /// <param name="name">Its name.</param>
    ISiloGrain Silo(string name);

    /// <summary>A node.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="rank">Its rank.</param>
    /// <param name="silo">Name of the silo that it sits on.</param>
    INodeGrain Node(string run, int rank, string silo);
}

/// <summary>Reaches them through Orleans.</summary>
/// <param name="grains">Makes references.</param>
internal sealed class ClusterGrains(IGrainFactory grains) : IClusterGrains
{
    /// <inheritdoc/>
    public IRegistryGrain Registry => grains.GetGrain<IRegistryGrain>(IRegistryGrain.Key);

    /// <inheritdoc/>
    public ISiloGrain Silo(string name) => grains.GetGrain<ISiloGrain>(name);

    /// <inheritdoc/>
    public INodeGrain Node(string run, int rank, string silo) =>
        grains.GetGrain<INodeGrain>(INodeGrain.KeyOf(run, rank, silo));
}
