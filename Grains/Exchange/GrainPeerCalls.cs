using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Silos;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Asks through grains.</summary>
/// <param name="grains">Reaches them.</param>
/// <param name="contexts">Who sits where.</param>
public sealed class GrainPeerCalls(IGrainFactory grains, RunContexts contexts) : IPeerCalls
{
    /// <inheritdoc/>
    public Task<WeightChunk> Read(ReadRequest request) => Node(request.Address).Read(request);

    /// <inheritdoc/>
    public Task<bool> HasSent(UpdateAddress message) => Node(message).HasSent(message);

    /// <inheritdoc/>
    public Task<WeightChunk> ReadSum(string silo, SumRequest request) =>
        grains.GetGrain<ISiloGrain>(silo).ReadSum(request);

    /// <inheritdoc/>
    public Task<WeightChunk> ReadBlock(string silo, BlockRequest request) =>
        grains.GetGrain<ISiloGrain>(silo).ReadBlock(request);

    /// <inheritdoc/>
    public Task<WeightChunk> Aggregate(string silo, AggregateRequest request) =>
        grains.GetGrain<ISiloGrain>(silo).Aggregate(request);

    /// <inheritdoc/>
    public Task<TestAnswer> Test(string silo, TestRequest request) => grains.GetGrain<ISiloGrain>(silo).Test(request);

    private INodeGrain Node(UpdateAddress address) => grains.GetGrain<INodeGrain>(
        INodeGrain.KeyOf(address.Run, address.Node, contexts.Of(address.Run, address.Epoch).SiloOf(address.Node)));
}
