using System.Buffers;
using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.UpdatePaths;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>
/// Reads the same values of all updates of a row: those of this silo where they are, the others in chunks that hold the
/// values of several nodes.
/// </summary>
/// <param name="reader">Pulls chunks.</param>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="peers">Reaches other silos.</param>
public sealed class BlockReader(UpdateReader reader, PublishedUpdates published, IPeerCalls peers)
{
    /// <summary>Values that a block holds at most, of all updates: 16 MiB of them.</summary>
    private const int MaxValues = 1 << 22;

    private const int FewestValues = 64;

    /// <summary>How many values of each update to read at a time.</summary>
    /// <param name="updates">Number of updates.</param>
    public static int BlockValues(int updates) =>
        Math.Clamp(MaxValues / updates, FewestValues, BlockRequest.MaxValues);

    /// <summary>Reads a block.</summary>
    /// <param name="row">Whose values.</param>
    /// <param name="part">Index of the vector within the updates.</param>
    /// <param name="start">First value.</param>
    /// <param name="count">Number of values of each update.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="InvalidDataException">What came is not what was published.</exception>
    /// <exception cref="InvalidOperationException">A node has published no such thing.</exception>
    /// <exception cref="Learning.Parameters.NotSummableException">A value is not finite; names the sender.</exception>
    internal async Task<RowBlock> Read(RowSource row, int part, int start, int count, CancellationToken cancellation)
    {
        var (expected, wire) = (row.Format.Parts[part], 0L);
        var values = new ReadOnlyMemory<float>[row.Nodes.Length];
        var rented = new ConcurrentBag<float[]>(); // if a pull fails, others may still write to theirs: it stays rented
        var places = Enumerable.Range(0, row.Nodes.Length).ToLookup(i => row.SiloOf(row.Nodes[i]));
        foreach (var i in places[row.Here]) values[i] = Here(row, row.Nodes[i], part).Slice(start, count);
        await Task.WhenAll(places.Where(silo => silo.Key != row.Here).SelectMany(silo =>
            silo.Chunk(BlockRequest.MaxValues / count).Select(async group =>
            {
                var memory = ArrayPool<float>.Shared.Rent(group.Length * count);
                rented.Add(memory);
                var request = RequestOf(row.Exchange, Array.ConvertAll(group, i => row.Nodes[i]), part, expected.Length,
                    start, count);
                Interlocked.Add(ref wire, await Pull(
                    silo.Key, request, expected.Codec, memory.AsMemory(0, group.Length * count), cancellation));
                for (var i = 0; i < group.Length; i++) values[group[i]] = memory.AsMemory(i * count, count);
            })));
        for (var i = 0; i < values.Length; i++) UpdateValidation.RequireFinite(row.Nodes[i], values[i].Span);
        return new RowBlock(values, wire, [.. rented]);
    }

    private static BlockRequest RequestOf(
        UpdateAddress exchange, int[] nodes, int part, int length, int start, int count) =>
        new(exchange.Run, exchange.Epoch, exchange.Round!.Value, exchange.Exchange!.Value, nodes, part, length, start,
            count);

    private ReadOnlyMemory<float> Here(RowSource row, int node, int part)
    {
        var update = published.Get(row.Exchange with { Node = node });
        return row.Format.Shape.Refusal(update) is { } refusal
            ? throw new InvalidDataException($"Node {node} sends {refusal}.")
            : (part == 0 ? update.Weights : update.AuxiliaryVectors[row.Format.Parts[part].Name]).Memory;
    }

    private async Task<long> Pull(
        string silo, BlockRequest request, Codec codec, Memory<float> values, CancellationToken cancellation)
    {
        var size = request.Count * codec.ValueBytes!.Value;
        var wire = 0L;
        for (var again = false; ; again = true)
        {
            var pulled = await reader.NewPull().Run($"Silo {silo}", _ => peers.ReadBlock(silo, request),
                first => Require(silo, request, first, codec, size), (chunk, _) =>
            {
                for (var i = 0; i < request.Nodes.Length; i++)
                    codec.Decode(
                        chunk.Bytes.Slice(i * size, size), values.Span.Slice(i * request.Count, request.Count));
                return ValueTask.CompletedTask;
            }, cancellation);
            wire += pulled.Bytes;
            if (pulled.Whole) return wire;
            if (again)
                throw new InvalidDataException($"Silo {silo} sent values of nodes {string.Join(", ", request.Nodes)} "
                    + $"in round {request.Round} that do not have the hash that it sent with them, twice. Look at its "
                    + "memory and its network.");
        }
    }

    private static void Require(string silo, BlockRequest request, WeightChunk first, Codec codec, int size)
    {
        if (first.TotalBytes != (long)size * request.Nodes.Length || first.Codec != codec.Name)
            throw new InvalidDataException($"Silo {silo} offers {first.TotalBytes} bytes of codec '{first.Codec}' for "
                + $"nodes {string.Join(", ", request.Nodes)} where {(long)size * request.Nodes.Length} of {codec.Name} "
                + "are expected.");
    }
}
