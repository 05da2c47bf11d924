using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Nodes;

/// <summary>What peers on other silos read of a node.</summary>
internal sealed partial class NodeGrain
{
    public Task<WeightChunk> Read(ReadRequest request)
    {
        var (run, rank) = Key();
        return published.Read(run, rank, request);
    }

    public Task<bool> HasPrinted(ReadRequest request)
    {
        var (run, rank) = Key();
        return published.HasPrinted(run, rank, request, CallLimit.AnswersWithin);
    }
}
