using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange.Blocks;

/// <summary>
/// Receives a row whose updates are aggregated block by block: the blocks are dealt to the silos of the row, each reads
/// its blocks from all the others, and the receiver gets their results.
/// </summary>
/// <remarks>
/// No silo holds more of others' updates than a few blocks. Which silo makes which block does not depend on how fast
/// they are, so neither do the bytes that cross between them.
/// </remarks>
/// <param name="reader">Receives chunks and sums.</param>
/// <param name="published">What the nodes of this silo published.</param>
/// <param name="aggregates">Makes this silo's share.</param>
/// <param name="peers">Reaches other silos.</param>
public sealed class BlockGather(
    UpdateReader reader, PublishedUpdates published, BlockAggregates aggregates, IPeerCalls peers)
{
    private const int BlocksOfASilo = 2; // under way at a time: one is computed while the next one is read

    /// <summary>Receives the updates of a row, aggregated.</summary>
    /// <param name="order">From which nodes to receive, and what.</param>
    /// <param name="aggregator">The run's aggregator.</param>
    /// <param name="siloOf">Name of the silo where a node sits.</param>
    /// <param name="mySilo">Name of this silo.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>
    /// What the aggregator makes of the updates, with the bits that it makes of them one by one; the bytes that the
    /// other nodes sent, as if each update had travelled; the bytes that crossed between silos.
    /// </returns>
    /// <exception cref="InvalidDataException">What came is not what was published, or not what was asked
    /// for.</exception>
    /// <exception cref="InvalidOperationException">A node has published no such thing.</exception>
    /// <exception cref="NotSummableException">What a node sent has diverged.</exception>
    public async Task<(ReceivedUpdates Received, long SentBytes, long WireBytes)> Gather(GatherOrder order,
        Aggregator aggregator, Func<int, string> siloOf, string mySilo, CancellationToken cancellation)
    {
        if (order.Own is { } own && published.Find(order.AddressOf(order.Me)) is null)
            published.Publish(order.AddressOf(order.Me), own); // the other silos read it too
        var row = new RowSource(order.AddressOf(order.Me), [.. order.Row.Select(r => r.Node)], order.Format,
            node => node == order.Me ? mySilo : siloOf(node), mySilo);
        var (made, wire) = aggregator is DistanceAggregator rule
            ? await Chosen(order, row, rule, siloOf, cancellation)
            : await Combined(row, aggregator, order.Me, cancellation);
        return (ReceivedUpdates.Aggregated(order.Row.Count, made), order.SentBytes, wire);
    }

    private async Task<(Update, long)> Combined(
        RowSource row, Aggregator aggregator, int me, CancellationToken cancellation)
    {
        var (vectors, wire) = (new List<ParameterVector>(), 0L);
        foreach (var (part, expected) in row.Format.Parts.Index())
        {
            var values = GC.AllocateUninitializedArray<float>(expected.Length);
            wire += await Deal(row, aggregator, me, part, BlockReader.BlockValues(row.Nodes.Length), sizeof(float),
                (start, bytes) => bytes.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan(start))), cancellation);
            vectors.Add(ParameterVector.Own(values));
        }
        return (new Update(vectors[0], row.Format.Parts.Index().Skip(1)
            .ToDictionary(p => p.Item.Name, p => vectors[p.Index])), wire);
    }

    /// <summary>Compares the updates, then receives the mean of those that the distances choose.</summary>
    private async Task<(Update, long)> Chosen(GatherOrder order, RowSource row, DistanceAggregator rule,
        Func<int, string> siloOf, CancellationToken cancellation)
    {
        var distances = new SquaredDistances(row.Nodes.Length);
        var wire = await Deal(row, rule, order.Me, part: 0, SquaredDistances.SegmentValues, valueBytes: 0,
            (_, bytes) => distances.Add(MemoryMarshal.Cast<byte, double>(bytes.Span)), cancellation);
        var chosen = row.Nodes.Zip(rule.Weigh(distances)).Where(n => n.Second != 0).ToArray();
        var (received, _, more) = await reader.Gather(order with
        {
            Row = chosen,
            Own = chosen.Any(n => n.First == order.Me) ? order.Own : null,
            AggregatesBySums = true,
        }, siloOf, row.Here, cancellation);
        return (new Update(received.Mean(), row.Format.Parts.Skip(1).ToDictionary(p => p.Name,
            p => received.Mean(p.Name))), wire + more);
    }

    /// <summary>Has the silos aggregate the blocks of a vector; takes their results in ascending order.</summary>
    /// <param name="row">Where the updates are.</param>
    /// <param name="aggregator">The run's aggregator.</param>
    /// <param name="me">Rank of the receiver.</param>
    /// <param name="part">Index of the vector.</param>
    /// <param name="values">Values of a block.</param>
    /// <param name="valueBytes">Bytes of the result for each value; 0 for distances, one double a pair.</param>
    /// <param name="take">Takes the result of the block that begins at a value.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The bytes that crossed between silos.</returns>
    private async Task<long> Deal(RowSource row, Aggregator aggregator, int me, int part, int values, int valueBytes,
        Action<int, ReadOnlyMemory<byte>> take, CancellationToken cancellation)
    {
        string[] silos = [.. row.Nodes.Select(row.SiloOf).Append(row.Here).Distinct()
            .OrderBy(s => s != row.Here).ThenBy(s => s, StringComparer.Ordinal)];
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var open = new Queue<(int Start, Task<(long Wire, ReadOnlyMemory<byte> Result)> Done)>();
        var (wire, length) = (0L, row.Format.Parts[part].Length);
        try
        {
            for (var (start, block) = (0, 0); start < length || open.Count > 0; start += values, block++)
            {
                if (start < length) open.Enqueue((start, Start(start, silos[block % silos.Length])));
                if (start < length && open.Count < BlocksOfASilo * silos.Length) continue;
                var (place, done) = open.Dequeue();
                var (bytes, result) = await done;
                take(place, result);
                wire += bytes;
            }
            return wire;
        }
        finally
        {
            await over.CancelAsync();
            foreach (var (_, unwanted) in open) _ = unwanted.ContinueWith(static t => _ = t.Exception,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously); // seen
        }

        Task<(long, ReadOnlyMemory<byte>)> Start(int start, string silo)
        {
            var count = Math.Min(values, length - start);
            var expected = valueBytes > 0 ? (long)count * valueBytes
                : (long)SegmentDistances.PairsOf(row.Nodes.Length) * sizeof(double);
            return Task.Run(async () => silo == row.Here
                ? await Mine(row, aggregator, part, start, count, over.Token)
                : await Theirs(silo, RequestOf(row, me, part, start, count), expected, over.Token), over.Token);
        }
    }

    private async Task<(long, ReadOnlyMemory<byte>)> Mine(
        RowSource row, Aggregator aggregator, int part, int start, int count, CancellationToken cancellation)
    {
        var (wire, values) = await aggregates.Make(row, aggregator, part, start, count, cancellation);
        return (wire, values);
    }

    private async Task<(long, ReadOnlyMemory<byte>)> Theirs(
        string silo, AggregateRequest request, long expected, CancellationToken cancellation)
    {
        var answer = new byte[checked((int)expected + BlockAggregates.HeaderBytes)];
        var wire = 0L;
        for (var again = false; ; again = true)
        {
            var pulled = await reader.NewPull().Run($"Silo {silo}",
                offset => peers.Aggregate(silo, request with { Offset = offset }), first =>
                {
                    if (first.TotalBytes != answer.Length)
                        throw new InvalidDataException($"Silo {silo} offers {first.TotalBytes} bytes of an aggregate "
                            + $"where {answer.Length} are expected.");
                }, (chunk, offset) =>
                {
                    chunk.Bytes.CopyTo(answer.AsSpan((int)offset));
                    return ValueTask.CompletedTask;
                }, cancellation);
            wire += pulled.Bytes + BinaryPrimitives.ReadInt64LittleEndian(answer);
            if (pulled.Whole) return (wire, answer.AsMemory(BlockAggregates.HeaderBytes));
            if (again)
                throw new InvalidDataException($"Silo {silo} sent an aggregate of round {request.Round} that does not "
                    + "have the hash that it sent with it, twice. Look at its memory and its network.");
        }
    }

    private static AggregateRequest RequestOf(RowSource row, int me, int part, int start, int count) =>
        new(row.Exchange.Run, row.Exchange.Epoch, row.Exchange.Round!.Value, row.Exchange.Exchange!.Value, me,
            row.Nodes, part, start, count, 0);
}
