using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// What the nodes of this silo have published: peers on the silo take it by reference, others read it in chunks.
/// </summary>
/// <remarks>
/// What has an address never changes; a node's earlier rounds go when it publishes a later one. A reader gets what was
/// published in the very epoch that it names, so it receives nothing of an epoch that was given up.
/// </remarks>
/// <param name="traffic">Counts what other silos read.</param>
/// <param name="time">The clock.</param>
public sealed partial class PublishedUpdates(SiloTraffic traffic, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Run, int Node), Shelf> _shelves = [];
    private readonly VectorHashes _hashes = new();

    /// <summary>Publishes an update or a model of a node.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="update">The update.</param>
    /// <exception cref="InvalidOperationException"><see cref="ForgetOlder"/> ended the epoch.</exception>
    public void Publish(UpdateAddress address, Update update)
    {
        var shelf = ShelfOf(address);
        lock (shelf)
        {
            if (address.Epoch < shelf.FirstEpoch)
                throw new InvalidOperationException($"Node {address.Run}/{address.Node} cannot publish in epoch "
                    + $"{address.Epoch}: the run is in epoch {shelf.FirstEpoch}, and the node has a later activation.");
            shelf.Versions[address] = update;
            // A round that is being recorded may still be asked for the model after the round before it.
            var kept = address.Kind == UpdateKind.ModelAfter
                ? LatestModel(shelf, address, address.Round - 1)?.Round
                : address.Round;
            foreach (var old in shelf.Versions.Keys
                .Where(k => k.Epoch == address.Epoch && k.Kind == address.Kind && k.Round < kept).ToList())
                shelf.Versions.Remove(old);
        }
    }

    /// <summary>What a node of this silo published; null if it is not here.</summary>
    /// <param name="address">Its address; where there is nothing for the receiver alone, what is for all.</param>
    public Update? Find(UpdateAddress address)
    {
        if (!_shelves.TryGetValue((address.Run, address.Node), out var shelf)) return null;
        lock (shelf)
        {
            if (address.Kind == UpdateKind.ModelAfter && LatestModel(shelf, address, address.Round) is { } latest)
                return shelf.Versions[latest];
            return shelf.Versions.GetValueOrDefault(address)
                ?? shelf.Versions.GetValueOrDefault(address with { Receiver = null });
        }
    }

    /// <summary>What a node of this silo published.</summary>
    /// <param name="address">Its address, as in <see cref="Find"/>.</param>
    /// <exception cref="InvalidOperationException">The node has published no such thing in that epoch.</exception>
    public Update Get(UpdateAddress address) => Find(address) ?? throw Missing(address);

    /// <summary>
    /// A chunk of what a node of this silo published, for a reader on another one; the first has names, codec and
    /// hash.
    /// </summary>
    /// <param name="request">Which vector, and which part of it.</param>
    /// <exception cref="InvalidOperationException">The node has published no such thing in that epoch.</exception>
    public async Task<WeightChunk> Read(ReadRequest request)
    {
        var address = request.Address;
        var update = address.Message is null ? Get(address) : Look(address).Message ?? throw Missing(address);
        var parts = PartsOf(update);
        var vector = PartOf(update, parts, request.Part);
        var encoded = update.Encoded.GetValueOrDefault(parts[request.Part]);
        var total = encoded?.Bytes.Length ?? SinglePrecision.Instance.MaxBytes(vector.Length);
        if (request.Offset < 0 || request.Offset > total || request.Offset % UpdateReader.ChunkBytes != 0)
            throw new ArgumentOutOfRangeException(nameof(request),
                $"A chunk at {request.Offset} of {total} bytes was asked for.");
        var length = (int)Math.Min(UpdateReader.ChunkBytes, total - request.Offset);
        var first = request.Offset == 0;
        UInt128? hash = !first ? null : await (encoded is null ? _hashes.Of(vector) : _hashes.Of(encoded));
        traffic.PayloadSent(length);
        return encoded is null
            ? new WeightChunk(vector.Memory.Slice((int)(request.Offset / sizeof(float)), length / sizeof(float)), total,
                first ? parts : [], hash, first ? Codec.Plain : null)
            : new WeightChunk(encoded.Bytes.Slice((int)request.Offset, length), total, first ? parts : [], hash,
                first ? encoded.Codec : null);
    }

    /// <summary>Nodes of a run that published something.</summary>
    /// <param name="run">Run id.</param>
    public int[] NodesOf(string run) => [.. _shelves.Keys.Where(k => k.Run == run).Select(k => k.Node)];

    /// <summary>Forgets what a node published in the exchanges of earlier rounds.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int node, int round)
    {
        if (!_shelves.TryGetValue((run, node), out var shelf)) return;
        lock (shelf)
            foreach (var old in shelf.Versions.Keys
                .Where(k => k.Kind == UpdateKind.InExchange && k.Round < round).ToList())
                shelf.Versions.Remove(old);
    }

    /// <summary>Forgets all that a node published.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    public void Forget(string run, int node) => _shelves.TryRemove((run, node), out _);

    /// <summary>Forgets what a node published in earlier epochs, and lets nothing more be published in them.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="epoch">First epoch that is kept.</param>
    public void ForgetOlder(string run, int node, long epoch)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        lock (shelf)
        {
            shelf.FirstEpoch = Math.Max(shelf.FirstEpoch, epoch);
            foreach (var old in shelf.Versions.Keys.Where(k => k.Epoch < epoch).ToList()) shelf.Versions.Remove(old);
            foreach (var old in shelf.Sessions.Keys.Where(k => k.Epoch < epoch).ToList()) shelf.Sessions.Remove(old);
        }
    }

    /// <summary>Names of an update's vectors in the order of their index: the weights, then the rest by name.</summary>
    internal static string[] PartsOf(Update update) =>
        [Update.WeightsName, .. update.AuxiliaryVectors.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A vector of an update by its index.</summary>
    internal static ParameterVector PartOf(Update update, string[] parts, int part) => part >= 0 && part < parts.Length
        ? part == 0 ? update.Weights : update.AuxiliaryVectors[parts[part]]
        : throw new ArgumentOutOfRangeException(nameof(part), $"Vector {part} of {parts.Length} was asked for.");

    /// <summary>A vector of an update by its index, if it has the length that is expected.</summary>
    internal static ParameterVector PartOf(Update update, string[] parts, int part, int length, int node)
    {
        var vector = PartOf(update, parts, part);
        return vector.Length == length ? vector : throw new InvalidDataException(
            $"Node {node} sends {vector.Length} values where {length} are expected.");
    }

    private static InvalidOperationException Missing(UpdateAddress address) =>
        new($"Node {address.Run}/{address.Node} has published nothing for {address}, or no longer has it.");

    private Shelf ShelfOf(UpdateAddress address) => _shelves.GetOrAdd((address.Run, address.Node), _ => new Shelf());

    /// <summary>A node that took no part in the last rounds has the model of an earlier one.</summary>
    private static UpdateAddress? LatestModel(Shelf shelf, UpdateAddress address, int? rounds) => shelf.Versions.Keys
        .Where(k => k.Epoch == address.Epoch && k.Kind == UpdateKind.ModelAfter && k.Round <= rounds)
        .Select(k => (UpdateAddress?)k).MaxBy(k => k!.Value.Round);

    private sealed class Shelf
    {
        public Dictionary<UpdateAddress, Update> Versions { get; } = [];

        public Dictionary<UpdateAddress, Session> Sessions { get; } = [];

        public long FirstEpoch { get; set; } = long.MinValue;
    }
}
