using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Gets what a peer published: by reference on this silo, in chunks from another one, there once for all nodes of this silo.</summary>
/// <remarks>Pulls run on the thread pool, on no grain's turn. A pull ends early only when all who wait for it have given up.</remarks>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="sums">Sums that this silo made for others.</param>
/// <param name="running">Sums of what nodes of this silo trained.</param>
/// <param name="peers">Reaches other silos.</param>
/// <param name="traffic">Counts bytes.</param>
/// <param name="options">Says how many chunks may be under way.</param>
/// <param name="time">The clock.</param>
public sealed partial class UpdateReader(
    PublishedUpdates published, PartialSums sums, RunningSums running, IPeerCalls peers, SiloTraffic traffic, IOptions<FederationOptions> options, TimeProvider time)
{
    /// <summary>Bytes of a chunk: large enough for a fast link, small enough that calls between chunks stay quick.</summary>
    public const int ChunkBytes = 256 << 10;

    private const int MaxLength = 1 << 29;

    private readonly ConcurrentDictionary<(string Run, long Epoch, int Node, int Round, int Exchange), SharedPull> _pulls = [];
    private readonly TransferWindow _window = new(options.Value.TransferWindow);

    /// <summary>Gets one update.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch that it was published in.</param>
    /// <param name="node">Rank of the peer.</param>
    /// <param name="round">Round, or one of the marks of <see cref="ReadRequest"/>.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="shape">How long its vectors must be; it may have fewer of them.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The update, and the bytes that crossed from another silo for this call (0 if another node's call already brought them).</returns>
    /// <exception cref="InvalidDataException">The peer tells what is not such an update, or bytes with another hash than it told, twice.</exception>
    /// <exception cref="InvalidOperationException">The peer has published no such thing, or no longer has it.</exception>
    public async Task<(Update Update, long WireBytes)> Get(
        string run, long epoch, int node, int round, int exchange, UpdateShape shape, CancellationToken cancellation)
    {
        if (published.Find(run, epoch, node, round, exchange) is { } here) return (here, 0);
        var key = (run, epoch, node, round, exchange);
        var mine = new SharedPull(stop => Pull(run, node, new ReadRequest(round, exchange, 0, 0, epoch), shape, stop));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var pull = round >= 0 ? _pulls.GetOrAdd(key, mine) : mine;
            if (!pull.Join())
            {
                _pulls.TryRemove(new(key, pull)); // all who waited for it have gone
                continue;
            }
            try
            {
                var (update, bytes) = await pull.Task.WaitAsync(cancellation);
                return (update, ReferenceEquals(pull, mine) ? bytes : 0);
            }
            catch when (pull.Task.IsFaulted || pull.Task.IsCanceled)
            {
                _pulls.TryRemove(new(key, pull)); // the next caller tries again
                throw;
            }
            finally
            {
                pull.Leave();
            }
        }
    }

    /// <summary>An update that is on this silo, published here or pulled before; null if it is not.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="epoch">Epoch that it was published in.</param>
    /// <param name="node">Rank of the peer.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public Update? Find(string run, long epoch, int node, int round, int exchange) =>
        published.Find(run, epoch, node, round, exchange)
        ?? (_pulls.TryGetValue((run, epoch, node, round, exchange), out var pull) ? pull.Result : null);

    /// <summary>Lets go of what was pulled and summed for rounds before the given one.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int round)
    {
        foreach (var key in _pulls.Keys)
            if (key.Run == run && key.Round < round) _pulls.TryRemove(key, out _);
        sums.Trim(run, round);
    }

    private ChunkPull NewPull() => new(_window, options.Value.TransferWindow, traffic, time);

    private async Task<(Update Update, long WireBytes)> Pull(string run, int node, ReadRequest wanted, UpdateShape shape, CancellationToken cancellation)
    {
        string[] parts = [];
        var (weights, bytes) = await PullPart(run, node, wanted, shape.Weights, first => parts = first.Parts.Length > 0
            ? first.Parts
            : throw new InvalidDataException($"Node {node} tells no vectors."), cancellation);
        if (parts.Length > WeightChunk.MaxParts) throw new InvalidDataException($"Node {node} tells {parts.Length} vectors.");
        var auxiliary = new Dictionary<string, ParameterVector>();
        for (var part = 1; part < parts.Length; part++)
        {
            if (shape.AuxiliaryVectors.FirstOrDefault(e => e.Name == parts[part]) is not { Name: not null } declared || auxiliary.ContainsKey(declared.Name))
                throw new InvalidDataException($"Node {node} tells the vector '{parts[part]}', which its algorithm does not have, or tells it twice.");
            var (extra, more) = await PullPart(run, node, wanted with { Part = part }, declared.Length, _ => { }, cancellation);
            auxiliary[parts[part]] = extra;
            bytes += more;
        }
        return (new Update(weights, auxiliary), bytes);
    }

    private async Task<(ParameterVector Vector, long Bytes)> PullPart(
        string run, int node, ReadRequest wanted, int length, Action<WeightChunk> begin, CancellationToken cancellation)
    {
        var (expected, bytes) = ((long)length * sizeof(float), 0L);
        float[]? values = null;
        for (var again = false; ; again = true)
        {
            var pulled = await NewPull().Run($"Node {node}", offset => peers.Read(run, node, wanted with { Offset = offset }), first =>
            {
                if (length > MaxLength || first.TotalBytes != expected)
                    throw new InvalidDataException($"Node {node} offers {first.TotalBytes} bytes where {expected} are expected.");
                begin(first);
                values ??= GC.AllocateUninitializedArray<float>(length); // every value is filled in before anybody sees it
            }, (chunk, offset) =>
            {
                chunk.Bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan())[(int)offset..]);
                return ValueTask.CompletedTask;
            }, cancellation);
            bytes += pulled.Bytes;
            if (pulled.Whole) return (ParameterVector.Own(values!), bytes);
            if (again) throw new InvalidDataException($"Node {node} told {Hex(pulled.Told)} as the hash of what it published in round "
                + $"{wanted.Round}, but what came has {Hex(pulled.Found)}, twice. Look at the memory and the network of its silo.");
        }
    }

    private static string Hex(UInt128 hash) => hash.ToString("x32");
}
