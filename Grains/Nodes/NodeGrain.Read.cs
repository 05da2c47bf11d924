using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Nodes;

/// <summary>What peers on other silos read of a node.</summary>
internal sealed partial class NodeGrain
{
    public Task<WeightChunk> Read(ReadRequest request) =>
        published.Read(request with { Address = Mine(request.Address) });

    public Task<bool> HasSent(UpdateAddress message) => published.HasSent(Mine(message), CallLimit.AnswersWithin);

    private UpdateAddress Mine(UpdateAddress address) => (address.Run, address.Node) == Key() ? address
        : throw new ArgumentException($"Node {Key().Run}/{Key().Rank} was asked for what node "
            + $"{address.Run}/{address.Node} publishes.", nameof(address));
}
