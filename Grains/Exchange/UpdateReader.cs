using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Gets what a peer published: by reference on this silo, in chunks from another one, there once for all nodes of this silo.</summary>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="grains">Reaches nodes on other silos.</param>
public sealed class UpdateReader(PublishedUpdates published, IGrainFactory grains)
{
    /// <summary>Bytes of a chunk: large enough for a fast link, small enough that calls between chunks stay quick.</summary>
    public const int ChunkBytes = 256 << 10;

    private const int Window = 4;
    private const int MaxParts = 64;
    private const int MaxLength = 1 << 29;

    private readonly ConcurrentDictionary<(string Run, int Node, int Round, int Exchange), Lazy<Task<Update>>> _pulls = [];

    /// <summary>Gets one update.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="node">Rank of the peer.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="length">Number of values that each vector must have.</param>
    /// <returns>The update, and the bytes that crossed from another silo for this call (0 if another node's call already brought them).</returns>
    public async Task<(Update Update, long WireBytes)> Get(string run, int node, int round, int exchange, int length)
    {
        if (published.Find(run, node, round, exchange) is { } here) return (here, 0);
        var key = (run, node, round, exchange);
        var mine = new Lazy<Task<Update>>(() => Pull(run, node, round, exchange, length));
        var pull = round >= 0 ? _pulls.GetOrAdd(key, mine) : mine;
        try
        {
            var update = await pull.Value;
            return (update, ReferenceEquals(pull, mine) ? update.Bytes : 0);
        }
        catch
        {
            _pulls.TryRemove(new(key, pull)); // the next caller tries again
            throw;
        }
    }

    /// <summary>Lets go of what was pulled for rounds before the given one.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int round)
    {
        foreach (var key in _pulls.Keys)
            if (key.Run == run && key.Round < round) _pulls.TryRemove(key, out _);
    }

    private async Task<Update> Pull(string run, int node, int round, int exchange, int length)
    {
        var peer = grains.GetGrain<INodeGrain>($"{run}/{node}");
        var first = await peer.Read(new ReadRequest(round, exchange, 0, 0));
        if (first.Parts.Length is 0 or > MaxParts) throw new InvalidDataException($"Node {node} tells {first.Parts.Length} vectors.");
        var weights = await PullPart(peer, node, round, exchange, 0, first, length);
        var extras = new Dictionary<string, ParameterVector>();
        for (var part = 1; part < first.Parts.Length; part++)
            extras[first.Parts[part]] = await PullPart(
                peer, node, round, exchange, part, await peer.Read(new ReadRequest(round, exchange, part, 0)), length);
        return new Update(weights, extras);
    }

    private static async Task<ParameterVector> PullPart(
        INodeGrain peer, int node, int round, int exchange, int part, WeightChunk first, int length)
    {
        var total = first.TotalBytes;
        if (length > MaxLength || total != (long)length * sizeof(float))
            throw new InvalidDataException($"Node {node} offers {total} bytes where {(long)length * sizeof(float)} are expected.");
        var values = new float[length];
        long filled = 0;
        Fill(first);
        var asked = filled;
        var open = new Queue<Task<WeightChunk>>();
        while (filled < total)
        {
            for (; asked < total && open.Count < Window; asked += ChunkBytes)
                open.Enqueue(peer.Read(new ReadRequest(round, exchange, part, asked)));
            Fill(await open.Dequeue());
        }
        return ParameterVector.Own(values);

        void Fill(WeightChunk chunk)
        {
            if (chunk.TotalBytes != total || chunk.Bytes.Length != Math.Min(ChunkBytes, total - filled))
                throw new InvalidDataException($"Node {node} sent {chunk.Bytes.Length} bytes at {filled} of {total}.");
            chunk.Bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan())[(int)filled..]);
            filled += chunk.Bytes.Length;
        }
    }
}
