using System.IO.Hashing;
using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Reading the same values of several nodes at once.</summary>
public sealed partial class PublishedUpdates
{
    /// <summary>The same values of several nodes of this silo, for a reader on another one: one chunk, node after
    /// node, each as its codec wrote it.</summary>
    /// <param name="request">Which nodes, and which values.</param>
    /// <exception cref="InvalidOperationException">Nodes have published no such thing; names them.</exception>
    /// <exception cref="InvalidDataException">A node published a vector of another length.</exception>
    /// <exception cref="ArgumentException">More values are asked for than an answer may carry, or none.</exception>
    public WeightChunk Read(BlockRequest request)
    {
        if (request.Nodes.Length == 0 || request.Count < 1 || request.Start < 0
            || request.Start > request.Length - request.Count
            || (long)request.Count * request.Nodes.Length > BlockRequest.MaxValues)
            throw new ArgumentException($"{request.Count} values from {request.Start} on of {request.Length} were "
                + $"asked for, of {request.Nodes.Length} nodes.", nameof(request));
        var (parts, updates) = AllOf(UpdateAddress.InExchange(
            request.Run, request.Epoch, 0, request.Round, request.Exchange), request.Nodes);
        var (codec, size) = CodecOf(request, parts, updates[0]);
        if (updates.Any(u => CodecOf(request, parts, u) != (codec, size)))
            throw new InvalidDataException("Nodes of one run send vectors of different codecs.");
        var all = new byte[size * request.Count * updates.Length];
        for (var i = 0; i < updates.Length; i++)
            BytesOf(request, parts, updates[i], request.Nodes[i], size).CopyTo(all.AsSpan(i * size * request.Count));
        traffic.PayloadSent(all.Length);
        return new WeightChunk((ReadOnlyMemory<byte>)all, all.Length, parts, XxHash128.HashToUInt128(all), codec);
    }

    /// <summary>What nodes of this silo published.</summary>
    /// <param name="address">Their address, with any node.</param>
    /// <param name="nodes">Ranks of the nodes, one or more.</param>
    /// <returns>The names of the vectors, which all have, and the updates in the nodes' order.</returns>
    /// <exception cref="InvalidOperationException">Nodes have published no such thing; names them.</exception>
    internal (string[] Parts, Update[] Updates) AllOf(UpdateAddress address, int[] nodes)
    {
        var updates = Array.ConvertAll(nodes, node => Find(address with { Node = node }));
        var missing = nodes.Where((_, i) => updates[i] is null).ToArray();
        if (missing.Length > 0)
            throw new InvalidOperationException(
                $"Nodes {string.Join(", ", missing)} of run {address.Run} have published nothing here for round "
                    + $"{address.Round}, exchange {address.Exchange}, epoch {address.Epoch}.");
        var parts = PartsOf(updates[0]!);
        for (var i = 1; i < nodes.Length; i++)
            if (!PartsOf(updates[i]!).SequenceEqual(parts))
                throw new InvalidDataException($"Node {nodes[i]} sends other vectors than node {nodes[0]}.");
        return (parts, Array.ConvertAll(updates, u => u!));
    }

    private static (string Codec, int ValueBytes) CodecOf(BlockRequest request, string[] parts, Update update) =>
        request.Part >= 0 && request.Part < parts.Length
        && update.Encoded.GetValueOrDefault(parts[request.Part]) is { } encoded
            ? (encoded.Codec, encoded.Bytes.Length / Math.Max(1, PartOf(update, parts, request.Part).Length))
            : (Codec.Plain, sizeof(float));

    private static ReadOnlySpan<byte> BytesOf(
        BlockRequest request, string[] parts, Update update, int node, int size)
    {
        var vector = PartOf(update, parts, request.Part, request.Length, node);
        if (update.Encoded.GetValueOrDefault(parts[request.Part]) is not { } encoded)
            return MemoryMarshal.AsBytes(vector.Span.Slice(request.Start, request.Count));
        return size * vector.Length == encoded.Bytes.Length
            ? encoded.Bytes.Span.Slice(request.Start * size, request.Count * size)
            : throw new InvalidDataException($"The values of codec {encoded.Codec} cannot be read one by one.");
    }
}
