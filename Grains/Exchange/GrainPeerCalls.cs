using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Silos;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Asks through grains.</summary>
/// <param name="grains">Reaches them.</param>
/// <param name="contexts">Who sits where.</param>
public sealed class GrainPeerCalls(IGrainFactory grains, RunContexts contexts) : IPeerCalls
{
    /// <inheritdoc/>
    public Task<WeightChunk> Read(string run, int node, ReadRequest request) => Node(run, node, request).Read(request);

    /// <inheritdoc/>
    public Task<bool> HasPrinted(string run, int node, ReadRequest request) => Node(run, node, request).HasPrinted(request);

    /// <inheritdoc/>
    public Task<WeightChunk> ReadSum(string silo, SumRequest request) => grains.GetGrain<ISiloGrain>(silo).ReadSum(request);

    /// <inheritdoc/>
    public Task<TestAnswer> Test(string silo, TestRequest request) => grains.GetGrain<ISiloGrain>(silo).Test(request);

    private INodeGrain Node(string run, int node, ReadRequest request) => grains.GetGrain<INodeGrain>(
        INodeGrain.KeyOf(run, node, contexts.Of(run, request.Epoch).SiloOf(node)));
}
