using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// Sums what nodes of this silo published, for a server on another one: one sum crosses the wire instead of a model
/// for each node.
/// </summary>
/// <remarks>Each sum is made once, on the thread pool, and kept encoded until its round is over.</remarks>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="running">What they gave into a running sum instead.</param>
/// <param name="traffic">Counts what other silos read.</param>
public sealed class PartialSums(PublishedUpdates published, RunningSums running, SiloTraffic traffic)
{
    private readonly ConcurrentDictionary<Key, Lazy<Task<Answer>>> _sums = [];

    /// <summary>A chunk of a sum; the first has the names of the updates' vectors and the hash of the whole.</summary>
    /// <param name="request">Which sum, and which part of it.</param>
    /// <exception cref="InvalidOperationException">Nodes are missing; names them.</exception>
    /// <exception cref="NotSummableException">What a node published has diverged.</exception>
    public async Task<WeightChunk> Read(SumRequest request)
    {
        var key = new Key(request.Run, request.Epoch, request.Round, request.Exchange, request.Part, request.Length,
            Identity(request));
        var sum = _sums.GetOrAdd(key, _ => new Lazy<Task<Answer>>(() => Task.Run(() => Make(request))));
        try
        {
            var (parts, encoded) = await sum.Value;
            if (request.Offset < 0 || request.Offset >= encoded.Length || request.Offset % UpdateReader.ChunkBytes != 0)
                throw new ArgumentOutOfRangeException(nameof(request),
                    $"A chunk at {request.Offset} of {encoded.Length} bytes was asked for.");
            var chunk = encoded.At(request.Offset);
            traffic.PayloadSent(chunk.Length);
            return new WeightChunk(chunk, encoded.Length, request.Offset == 0 ? parts : [],
                request.Offset == 0 ? encoded.Hash : null);
        }
        catch when (!sum.Value.IsCompletedSuccessfully)
        {
            _sums.TryRemove(new(key, sum)); // a node that is missing now may be there next time
            throw;
        }
    }

    /// <summary>Lets go of the sums of rounds before the given one.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int round)
    {
        foreach (var key in _sums.Keys)
            if (key.Run == run && key.Round < round) _sums.TryRemove(key, out _);
    }

    private Answer Make(SumRequest request)
    {
        if (request.Nodes.Length == 0 || request.Nodes.Length != request.Weights.Length
            || request.Nodes.Distinct().Count() != request.Nodes.Length)
            throw new ArgumentException($"A sum of {request.Nodes.Length} nodes, each once, "
                + $"with {request.Weights.Length} weights was asked for.");
        var taken = request.Exchange == 0
            ? running.Take(new SumStep(request.Run, request.Epoch, request.Round), request.Nodes.Zip(request.Weights))
            : null;
        var rest = request.Nodes.Zip(request.Weights).Where(n => taken?.Nodes.Contains(n.First) != true).ToArray();
        var (parts, terms) = rest.Length == 0 ? (taken!.Parts, []) : Published(request, rest);
        var encoded = new EncodedSum();
        if (taken is null) ExactSumCodec.Encode(terms, encoded);
        else ExactSumCodec.Encode(
            terms.Length == 0 ? taken.PartOf(request.Part, request.Length) : Both(request, taken, terms), encoded);
        return new Answer(parts, encoded);
    }

    private static ExactSum Both(SumRequest request, TakenSums taken, (ParameterVector, double)[] terms)
    {
        var sum = new ExactSum(request.Length);
        sum.Merge(taken.PartOf(request.Part, request.Length));
        sum.Add(terms);
        return sum;
    }

    private (string[] Parts, (ParameterVector Vector, double Weight)[] Terms) Published(
        SumRequest request, (int Node, double Weight)[] nodes)
    {
        var (parts, updates) = published.AllOf(UpdateAddress.InExchange(
            request.Run, request.Epoch, 0, request.Round, request.Exchange), [.. nodes.Select(n => n.Node)]);
        return (parts, [.. updates.Select((update, i) =>
            (PublishedUpdates.PartOf(update, parts, request.Part, request.Length, nodes[i].Node), nodes[i].Weight))]);
    }

    private static UInt128 Identity(SumRequest request)
    {
        var hash = new XxHash128();
        hash.Append(MemoryMarshal.AsBytes(request.Nodes.AsSpan()));
        hash.Append(MemoryMarshal.AsBytes(request.Weights.AsSpan()));
        return hash.GetCurrentHashAsUInt128();
    }

    private readonly record struct Key(
        string Run, long Epoch, int Round, int Exchange, int Part, int Length, UInt128 Identity);

    private sealed record Answer(string[] Parts, EncodedSum Encoded);
}
