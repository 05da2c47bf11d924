using System.Runtime.InteropServices;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains;

/// <summary>What peers on other silos read of a node.</summary>
internal sealed partial class NodeGrain
{
    public Task<WeightChunk> Read(ReadRequest request)
    {
        var (run, rank) = Key();
        var update = published.Find(run, request.Epoch, rank, request.Round, request.Exchange)
            ?? throw new InvalidOperationException($"Node {run}/{rank} has published nothing for round {request.Round}, exchange {request.Exchange}.");
        string[] parts = ["weights", .. update.Extras.Keys.Order(StringComparer.Ordinal)];
        ArgumentOutOfRangeException.ThrowIfNegative(request.Part);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(request.Part, parts.Length);
        var vector = request.Part == 0 ? update.Weights : update.Extras[parts[request.Part]];
        var bytes = MemoryMarshal.AsBytes(vector.Span);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Offset, bytes.Length);
        var chunk = bytes.Slice((int)request.Offset, Math.Min(UpdateReader.ChunkBytes, bytes.Length - (int)request.Offset));
        return Task.FromResult(new WeightChunk(chunk.ToArray(), bytes.Length, parts));
    }
}
