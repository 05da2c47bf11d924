using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans.FL.Grains.Calls;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// Gets what a peer published: by reference on this silo, in chunks from another one, there once for all nodes
/// of this silo.
/// </summary>
/// <remarks>
/// Pulls run on the thread pool, on no grain's turn. A pull ends early only when all who wait for it have given up.
/// </remarks>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="sums">Sums that this silo made for others.</param>
/// <param name="running">Sums of what nodes of this silo trained.</param>
/// <param name="peers">Reaches other silos.</param>
/// <param name="traffic">Counts bytes.</param>
/// <param name="options">Says how many chunks may be under way.</param>
/// <param name="time">The clock.</param>
public sealed partial class UpdateReader(PublishedUpdates published, PartialSums sums, RunningSums running,
    IPeerCalls peers, SiloTraffic traffic, IOptions<FederationOptions> options, TimeProvider time)
{
    /// <summary>
    /// Bytes of a chunk: large enough for a fast link, small enough that calls between chunks stay quick.
    /// </summary>
    public const int ChunkBytes = 256 << 10;

    private readonly ConcurrentDictionary<UpdateAddress, SharedPull> _pulls = [];
    private readonly TransferWindow _window = new(options.Value.TransferWindow);
    private readonly LongCall _chunks = ChunkPull.Calls(time);

    /// <summary>Gets one update.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="format">What it must be; it may have fewer auxiliary vectors.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The update, and the bytes that crossed from another silo for this call (0 if another node's call
    /// already brought them).</returns>
    /// <exception cref="InvalidDataException">
    /// The peer sends what is not such an update, or twice bytes with another hash than it sent with them.
    /// </exception>
    /// <exception cref="InvalidOperationException">The peer has published no such thing, or no longer has
    /// it.</exception>
    public async Task<(Update Update, long WireBytes)> Get(
        UpdateAddress address, UpdateFormat format, CancellationToken cancellation)
    {
        if (published.Find(address) is { } here) return (here, 0);
        var mine = new SharedPull(stop => Pull(address, format, stop));
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var pull = address.Kind == UpdateKind.InExchange ? _pulls.GetOrAdd(address, mine) : mine;
            if (!pull.Join())
            {
                _pulls.TryRemove(new(address, pull)); // all who waited for it have gone
                continue;
            }
            try
            {
                var (update, bytes) = await pull.Task.WaitAsync(cancellation);
                return (update, ReferenceEquals(pull, mine) ? bytes : 0);
            }
            catch when (pull.Task.IsFaulted || pull.Task.IsCanceled)
            {
                _pulls.TryRemove(new(address, pull)); // the next caller tries again
                throw;
            }
            finally
            {
                pull.Leave();
            }
        }
    }

    /// <summary>An update that is on this silo, published here or pulled before; null if it is not.</summary>
    /// <param name="address">Its address.</param>
    public Update? Find(UpdateAddress address) =>
        published.Find(address) ?? (_pulls.TryGetValue(address, out var pull) ? pull.Result : null);

    /// <summary>Lets go of what was pulled and summed for rounds before the given one.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int round)
    {
        foreach (var key in _pulls.Keys)
            if (key.Run == run && key.Round < round) _pulls.TryRemove(key, out _);
        sums.Trim(run, round);
    }

    /// <summary>A pull that takes its turn among those of this silo.</summary>
    internal ChunkPull NewPull() => new(_window, options.Value.TransferWindow, traffic, _chunks);

    private async Task<(Update Update, long WireBytes)> Pull(
        UpdateAddress address, UpdateFormat format, CancellationToken cancellation)
    {
        string[] parts = [];
        var sender = $"Node {address.Node}";
        var request = new ReadRequest(address);
        var (weights, bytes) = await PullPart(request, format.CodecOf(format.Shape.IsExact),
            format.Shape.Weights, first => parts = first.Parts.Length > 0
                ? first.Parts
                : throw new InvalidDataException($"{sender} sends no vectors."), cancellation);
        if (parts.Length > WeightChunk.MaxParts)
            throw new InvalidDataException($"{sender} sends {parts.Length} vectors.");
        Require(format.Shape.IsExact, weights, Update.WeightsName);
        var auxiliary = new Dictionary<string, ParameterVector>();
        for (var part = 1; part < parts.Length; part++)
        {
            if (format.Shape.AuxiliaryVectors.FirstOrDefault(e => e.Name == parts[part])
                is not { Name: not null } declared || auxiliary.ContainsKey(declared.Name))
                throw new InvalidDataException($"{sender} sends the vector '{parts[part]}', which its algorithm does "
                    + "not have, or sends it twice.");
            var (vector, more) = await PullPart(request with { Part = part }, format.CodecOf(declared.IsExact),
                declared.Length, _ => { }, cancellation);
            Require(declared.IsExact, vector, declared.Name);
            auxiliary[parts[part]] = vector;
            bytes += more;
        }
        return (new Update(weights, auxiliary), bytes);

        void Require(bool isExact, ParameterVector vector, string name)
        {
            if (!isExact && address.Kind == UpdateKind.InExchange && FiniteValues.FirstOther(vector.Span) is { } at)
                throw new InvalidDataException($"{sender} sends the value {vector.Span[at]} in {name}.");
        }
    }

    private async Task<(ParameterVector Vector, long Bytes)> PullPart(
        ReadRequest wanted, Codec codec, int length, Action<WeightChunk> begin, CancellationToken cancellation)
    {
        var (sender, bytes) = ($"Node {wanted.Address.Node}", 0L);
        PulledVector? vector = null;
        for (var again = false; ; again = true)
        {
            var pulled = await NewPull().Run(sender, offset => peers.Read(wanted with { Offset = offset }), first =>
            {
                vector = PulledVector.Begin(sender, first, codec, length, vector);
                begin(first);
            }, (chunk, offset) =>
            {
                vector!.Take(chunk, offset);
                return ValueTask.CompletedTask;
            }, cancellation);
            bytes += pulled.Bytes;
            if (pulled.Whole) return (vector!.Complete(), bytes);
            if (again)
                throw new InvalidDataException(
                    $"{sender} sent {Hex(pulled.Sent)} as the hash of what it published in {wanted.Address}, but what "
                        + $"came has {Hex(pulled.Found)}, twice. Look at the memory and the network of its silo.");
        }
    }

    private static string Hex(UInt128 hash) => hash.ToString("x32");
}
