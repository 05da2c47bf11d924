using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Asks through grains.</summary>
/// <param name="grains">Reaches them.</param>
public sealed class GrainPeerCalls(IGrainFactory grains) : IPeerCalls
{
    /// <inheritdoc/>
    public Task<WeightChunk> Read(string run, int node, ReadRequest request) => grains.GetGrain<INodeGrain>($"{run}/{node}").Read(request);

    /// <inheritdoc/>
    public Task<WeightChunk> ReadSum(string silo, SumRequest request) => grains.GetGrain<ISiloGrain>(silo).ReadSum(request);
}
