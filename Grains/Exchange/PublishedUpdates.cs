using System.Collections.Concurrent;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>What the nodes of this silo have published: peers on the silo take it by reference, others read it in chunks.</summary>
/// <remarks>
/// Immutable by (epoch, node, round, exchange); a node's earlier rounds go when it publishes a later one. A reader gets what was
/// published in the very epoch that it names, so nobody hears a node of a run that was taken back.
/// </remarks>
/// <param name="traffic">Counts what other silos read.</param>
/// <param name="time">The clock.</param>
public sealed partial class PublishedUpdates(SiloTraffic traffic, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Run, int Node), Shelf> _shelves = [];
    private readonly VectorHashes _hashes = new();

    /// <summary>Publishes what a node tells in one exchange.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="update">What it tells.</param>
    /// <exception cref="InvalidOperationException"><see cref="ForgetOlder"/> ended the epoch.</exception>
    public void Publish(string run, long epoch, int node, int round, int exchange, Update update)
    {
        var shelf = _shelves.GetOrAdd((run, node), _ => new Shelf());
        lock (shelf)
        {
            if (epoch < shelf.FirstEpoch)
                throw new InvalidOperationException(
                    $"Node {run}/{node} cannot publish in epoch {epoch}: the run is in epoch {shelf.FirstEpoch}, and the node has a later activation.");
            shelf.Versions[(epoch, round, exchange)] = update;
            var kept = shelf.Versions.Keys.Where(k => k.Epoch == epoch && k.Round == ReadRequest.After && k.Exchange < exchange)
                .Select(k => k.Exchange).DefaultIfEmpty(-1).Max();
            // A round that is being recorded may still be asked for the weights after the round before it.
            foreach (var old in shelf.Versions.Keys.Where(k => k.Epoch == epoch && ((round >= 0 && k.Round >= 0 && k.Round < round)
                || (round == ReadRequest.After && k.Round == round && k.Exchange < kept))).ToList())
                shelf.Versions.Remove(old);
        }
    }

    /// <summary>What a node of this silo published; null if it is not here.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch of the run.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public Update? Find(string run, long epoch, int node, int round, int exchange)
    {
        if (!_shelves.TryGetValue((run, node), out var shelf)) return null;
        lock (shelf)
        {
            if (round != ReadRequest.After) return shelf.Versions.GetValueOrDefault((epoch, round, exchange));
            // A node that took no part in the last rounds has the weights of an earlier one.
            var latest = shelf.Versions.Keys.Where(k => k.Epoch == epoch && k.Round == round && k.Exchange <= exchange)
                .Select(k => k.Exchange).DefaultIfEmpty(-1).Max();
            return latest < 0 ? null : shelf.Versions[(epoch, round, latest)];
        }
    }

    /// <summary>A chunk of what a node of this silo published, for a reader on another one; the first tells names and hash.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="request">Which vector, and which part of it.</param>
    /// <exception cref="InvalidOperationException">The node has published no such thing in that epoch.</exception>
    public async Task<WeightChunk> Read(string run, int node, ReadRequest request)
    {
        var update = Find(run, node, request) ?? throw new InvalidOperationException(
            $"Node {run}/{node} has published nothing for round {request.Round}, exchange {request.Exchange}, epoch {request.Epoch}"
                + $"{(request.Message == ReadRequest.None ? "" : $", message {request.Message}")}, or no longer has it.");
        var parts = PartsOf(update);
        var vector = PartOf(update, parts, request.Part);
        var total = sizeof(float) * (long)vector.Length;
        if (request.Offset < 0 || request.Offset > total || request.Offset % sizeof(float) != 0)
            throw new ArgumentOutOfRangeException(nameof(request), $"A chunk at {request.Offset} of {total} bytes was asked for.");
        var first = (int)(request.Offset / sizeof(float));
        var chunk = vector.Memory.Slice(first, Math.Min(UpdateReader.ChunkBytes / sizeof(float), vector.Length - first));
        UInt128? hash = first == 0 ? await _hashes.Of(vector) : null;
        traffic.PayloadSent(sizeof(float) * (long)chunk.Length);
        return new WeightChunk(chunk, total, first == 0 ? parts : [], hash);
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
            foreach (var old in shelf.Versions.Keys.Where(k => k.Round >= 0 && k.Round < round).ToList()) shelf.Versions.Remove(old);
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
    internal static string[] PartsOf(Update update) => ["weights", .. update.AuxiliaryVectors.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A vector of an update by its index.</summary>
    internal static ParameterVector PartOf(Update update, string[] parts, int part) => part >= 0 && part < parts.Length
        ? part == 0 ? update.Weights : update.AuxiliaryVectors[parts[part]]
        : throw new ArgumentOutOfRangeException(nameof(part), $"Vector {part} of {parts.Length} was asked for.");

    private sealed class Shelf
    {
        public Dictionary<(long Epoch, int Round, int Exchange), Update> Versions { get; } = [];

        public Dictionary<(long Epoch, int Round, int Exchange), Session> Sessions { get; } = [];

        public long FirstEpoch { get; set; } = long.MinValue;
    }
}
