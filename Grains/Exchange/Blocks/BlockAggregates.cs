using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Aggregators;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>Aggregates blocks of rows: this silo's share of what a server gathers.</summary>
/// <remarks>
/// Runs on the thread pool. Each answer is made once and kept until its last byte was read, so a reader whose call ran
/// out of time finds it when it asks again.
/// </remarks>
/// <param name="blocks">Reads the updates' values.</param>
/// <param name="traffic">Counts what other silos read.</param>
public sealed class BlockAggregates(BlockReader blocks, SiloTraffic traffic)
{
    /// <summary>Bytes before the values of an answer: how many crossed from other silos for it.</summary>
    internal const int HeaderBytes = sizeof(long);

    private readonly ConcurrentDictionary<Key, Lazy<Task<EncodedSum>>> _answers = [];

    /// <summary>A chunk of the aggregate of a block.</summary>
    /// <param name="request">Which block, and which part of the answer.</param>
    /// <param name="row">Where its updates are.</param>
    /// <param name="aggregator">The run's aggregator.</param>
    /// <exception cref="ArgumentException">The row has no such block.</exception>
    public async Task<WeightChunk> Read(AggregateRequest request, RowSource row, Aggregator aggregator)
    {
        Check(request, row);
        var key = new Key(request with { Nodes = [], Offset = 0 },
            XxHash128.HashToUInt128(MemoryMarshal.AsBytes(request.Nodes.AsSpan())));
        var answer = _answers.GetOrAdd(key, _ => new Lazy<Task<EncodedSum>>(() => Task.Run(async () =>
        {
            var encoded = new EncodedSum();
            var header = new byte[HeaderBytes];
            var (wire, values) = await Make(
                row, aggregator, request.Part, request.Start, request.Count, CancellationToken.None);
            BinaryPrimitives.WriteInt64LittleEndian(header, wire);
            encoded.Write(header);
            encoded.Write(values);
            return encoded;
        })));
        try
        {
            var encoded = await answer.Value;
            if (request.Offset < 0 || request.Offset >= encoded.Length || request.Offset % UpdateReader.ChunkBytes != 0)
                throw new ArgumentOutOfRangeException(nameof(request),
                    $"A chunk at {request.Offset} of {encoded.Length} bytes was asked for.");
            var chunk = encoded.At(request.Offset);
            if (request.Offset + chunk.Length == encoded.Length) _answers.TryRemove(new(key, answer));
            traffic.PayloadSent(chunk.Length);
            return new WeightChunk(chunk, encoded.Length, [], request.Offset == 0 ? encoded.Hash : null);
        }
        catch when (!answer.Value.IsCompletedSuccessfully)
        {
            _answers.TryRemove(new(key, answer)); // what failed now may go well next time
            throw;
        }
    }

    /// <summary>Aggregates a block.</summary>
    /// <param name="row">Where the updates are.</param>
    /// <param name="aggregator">The run's aggregator.</param>
    /// <param name="part">Index of the vector within the updates.</param>
    /// <param name="start">First value of the block.</param>
    /// <param name="count">Number of its values.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The bytes that crossed from other silos, and the values of the model or the distances of the
    /// updates.</returns>
    internal Task<(long WireBytes, byte[] Values)> Make(RowSource row, Aggregator aggregator, int part, int start,
        int count, CancellationToken cancellation) => aggregator switch
        {
            CoordinateAggregator rule => Combined(rule, row, part, start, count, cancellation),
            DistanceAggregator => Compared(row, part, start, count, cancellation),
            _ => throw new ArgumentException($"{aggregator.GetType().Name} does not aggregate block by block."),
        };

    /// <summary>Lets go of the answers for rounds before the given one.</summary>
    /// <param name="run">Run id.</param>
    /// <param name="round">First round that is kept.</param>
    public void Trim(string run, int round)
    {
        foreach (var key in _answers.Keys)
            if (key.Block.Run == run && key.Block.Round < round) _answers.TryRemove(key, out _);
    }

    private async Task<(long, byte[])> Combined(CoordinateAggregator rule, RowSource row, int part, int start,
        int count, CancellationToken cancellation)
    {
        var (wire, result) = (0L, new byte[count * sizeof(float)]);
        var step = BlockReader.BlockValues(row.Nodes.Length);
        for (var done = 0; done < count; done += step)
        {
            var size = Math.Min(step, count - done);
            using var block = await blocks.Read(row, part, start + done, size, cancellation);
            rule.CombineBlock(block.Updates, MemoryMarshal.Cast<byte, float>(result.AsSpan()).Slice(done, size));
            wire += block.WireBytes;
        }
        return (wire, result);
    }

    private async Task<(long, byte[])> Compared(
        RowSource row, int part, int start, int count, CancellationToken cancellation)
    {
        var (wire, segment) = (0L, new SegmentDistances(row.Nodes.Length));
        var most = BlockReader.BlockValues(row.Nodes.Length) / SegmentDistances.BlockValues;
        var step = Math.Max(1, most) * SegmentDistances.BlockValues;
        for (var done = 0; done < count; done += step)
        {
            using var block = await blocks.Read(row, part, start + done, Math.Min(step, count - done), cancellation);
            segment.Add(block.Updates);
            wire += block.WireBytes;
        }
        return (wire, MemoryMarshal.AsBytes(segment.Pairs).ToArray());
    }

    private static void Check(AggregateRequest request, RowSource row)
    {
        var parts = row.Format.Parts;
        if (request.Part < 0 || request.Part >= parts.Count || request.Count < 1
            || request.Count > BlockRequest.MaxValues || request.Start < 0
            || request.Start > parts[request.Part].Length - request.Count || request.Nodes.Length < 2)
            throw new ArgumentException($"{request.Count} values from {request.Start} on of vector {request.Part} were "
                + $"asked for, of {request.Nodes.Length} nodes.", nameof(request));
    }

    private readonly record struct Key(AggregateRequest Block, UInt128 Nodes);
}
