using CsCheck;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Exchange.Blocks;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>What a server receives from three silos, aggregated block by block, has the bits of what the aggregator
/// makes of the updates one by one.</summary>
public sealed class BlockGatherTests(TransferCluster cluster) : IClassFixture<TransferCluster>
{
    private static readonly int[] Lengths = [1, 1500, 70_000, 200_001];

    private readonly string _run = cluster.NextRun();

    // Random sets of nodes (so: any number of them on each silo, or none), lengths of less than a block and of several.
    [Theory(Timeout = 240_000)]
    [InlineData(0, "float32")]
    [InlineData(0, "float16")]
    [InlineData(1, "float32")]
    [InlineData(3, "float32")]
    [InlineData(3, "float16")]
    public async Task Aggregates_of_silos_have_the_bits_of_the_updates_one_by_one(int krum, string codec)
    {
        Aggregator aggregator = krum == 0 ? new CoordinateMedian() : new Krum(new Krum.Options { M = krum });
        var coder = Catalog<Codec>.Create(codec, null);
        await Gen.Select(Gen.Int[5, 12], Gen.Int[0, 1000], Gen.Int[0, 3].Select(i => Lengths[i]), Gen.Int[0, 2])
            .SampleAsync(async (nodes, salt, length, auxiliary) =>
        {
            var shape = new UpdateShape(length,
            [
                .. Enumerable.Range(0, auxiliary).Select(i => new AuxiliaryVector($"auxiliary-{9 - i}", 40 + i, i == 1))
            ]);
            var row = Publish(cluster.NextRun(), new UpdateFormat(shape, coder), nodes, salt, out var order);
            cluster.AggregateBy(aggregator, order.Format);

            var (received, sent, wire) = await Gather(order, aggregator);

            var expected = ReceivedUpdates.Of(row).Through(aggregator.Over(row));
            Assert.Equal(row.Length, received.Count);
            Assert.Equal(expected.Mean(), received.Mean());
            foreach (var vector in shape.AuxiliaryVectors)
                Assert.Equal(expected.Mean(vector.Name), received.Mean(vector.Name));
            Assert.Equal((row.Length - 1) * order.Format.Bytes, sent);
            Assert.True(wire > 0);
        }, iter: 12, threads: 1);
    }

    // 7 nodes of 200,000 values: 4 blocks of 65,536, dealt to silos 0, 1, 2, 0. Nodes 0 3 6 | 1 4 | 2 5 sit on them, so
    // 4, 5, 5 and 4 updates cross for the blocks, and the results of the second and the third.
    [Fact(Timeout = 60_000)]
    public async Task Bytes_that_cross_are_those_of_the_blocks_and_of_their_results()
    {
        var format = UpdateFormat.Plain(new UpdateShape(200_000, []));
        Publish(_run, format, 7, 1, out var order);
        cluster.AggregateBy(new CoordinateMedian(), format);
        var before = Enumerable.Range(0, 3).Select(s => cluster.Get<SiloTraffic>(s).Now.PayloadReceived).ToArray();

        var (_, _, wire) = await Gather(order, new CoordinateMedian());

        const long full = 65_536 * 4, rest = (200_000 - 3 * 65_536) * 4;
        Assert.Equal(4 * full + 5 * full + 5 * full + 4 * rest + 2 * (full + 8), wire);
        Assert.Equal([4 * full + 4 * rest + 2 * (full + 8), 5 * full, 5 * full],
            Enumerable.Range(0, 3).Select(s => cluster.Get<SiloTraffic>(s).Now.PayloadReceived - before[s]));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_call_that_fails_in_passing_is_made_again()
    {
        var format = UpdateFormat.Plain(new UpdateShape(1500, []));
        var row = Publish(_run, format, 7, 2, out var order);
        cluster.AggregateBy(new CoordinateMedian(), format);
        var calls = 0;
        cluster.Failures.Failure = _ => Interlocked.Increment(ref calls) <= 2
            ? throw new TimeoutException("The link was slow.") : Task.CompletedTask;

        var (received, _, _) = await Gather(order, new CoordinateMedian());

        Assert.Equal(new CoordinateMedian().Over(row)(u => u.Weights), received.Mean());
        Assert.True(calls > 2);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("hash", "do not have the hash")]
    [InlineData("giant", "offers")]
    [InlineData("codec", "offers")]
    [InlineData("infinite", "has diverged")]
    public async Task A_silo_that_lies_about_its_nodes_values_is_refused(string lie, string what)
    {
        var format = UpdateFormat.Plain(new UpdateShape(1500, []));
        Publish(_run, format, 7, 3, out var order);
        cluster.AggregateBy(new CoordinateMedian(), format);
        cluster.Failures.Lie = (chunk, _) =>
        {
            var bytes = chunk.Bytes.ToArray();
            if (lie == "infinite") BitConverter.TryWriteBytes(bytes, float.PositiveInfinity);
            var hash = lie == "infinite" ? System.IO.Hashing.XxHash128.HashToUInt128(bytes) : chunk.Hash;
            return new WeightChunk(bytes, lie == "giant" ? long.MaxValue : chunk.TotalBytes, chunk.Parts,
                lie == "hash" ? hash + 1 : hash, lie == "codec" ? "float16" : chunk.Codec);
        };

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() => Gather(order, new CoordinateMedian()));

        Assert.True(refusal is InvalidDataException or NotSummableException, $"{refusal}");
        Assert.Contains(what, refusal.Message);
        if (lie != "infinite") Assert.Matches("nodes (1, 4|2, 5)", refusal.Message);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("hash", "does not have the hash")]
    [InlineData("giant", "offers")]
    public async Task A_silo_that_lies_about_its_aggregate_is_refused_by_name(string lie, string what)
    {
        var format = UpdateFormat.Plain(new UpdateShape(100_000, []));
        Publish(_run, format, 7, 4, out var order);
        cluster.AggregateBy(new Krum(new Krum.Options()), format);
        cluster.Failures.LieOfAggregate = chunk => new WeightChunk(chunk.Bytes.ToArray(),
            lie == "giant" ? long.MaxValue : chunk.TotalBytes, chunk.Parts,
            lie == "hash" ? chunk.Hash + 1 : chunk.Hash);

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(
            () => Gather(order, new Krum(new Krum.Options())));

        Assert.Contains(what, refusal.Message);
        Assert.Contains(cluster.NameOf(1), refusal.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_that_has_published_nothing_is_named()
    {
        var format = UpdateFormat.Plain(new UpdateShape(1500, []));
        Publish(_run, format, 7, 5, out var order);
        cluster.AggregateBy(new CoordinateMedian(), format);
        cluster.Published(1).Forget(_run, 4);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Gather(order, new CoordinateMedian()));

        Assert.Contains("Nodes 4", failure.Message);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 1, 1500)] // one too many from 1 on
    [InlineData(66, 0, 1000)] // 66,000 values
    [InlineData(1, int.MaxValue, int.MaxValue)]
    public void A_request_for_more_than_there_is_or_may_be_read_is_refused(int nodes, int start, int count)
    {
        var format = UpdateFormat.Plain(new UpdateShape(1500, []));
        Publish(_run, format, 7, 6, out _);
        var request = new BlockRequest(_run, 7, 3, 1, [.. Enumerable.Repeat(0, nodes)], 0, 1500, start, count);

        Assert.ThrowsAny<ArgumentException>(() => cluster.Published(0).Read(request));
    }

    private Task<(ReceivedUpdates Received, long SentBytes, long WireBytes)> Gather(
        GatherOrder order, Aggregator aggregator) => cluster.Get<BlockGather>(0).Gather(
            order, aggregator, cluster.NameOf, cluster.NameOf(0), CancellationToken.None);

    /// <summary>Publishes updates of node 0, the server, and of others; the server's own is published by whoever
    /// gathers.</summary>
    private ReceivedUpdate[] Publish(string run, UpdateFormat format, int nodes, int salt, out GatherOrder order)
    {
        var updates = Enumerable.Range(0, nodes).Select(n => format.Encode(new Update(
            Vector(format.Shape.Weights, n, salt), format.Shape.AuxiliaryVectors.ToDictionary(v => v.Name,
                v => Vector(v.Length, n, salt + v.Name[^1]))), n, true, new Seeds(1).Stream("codec", n, 0))).ToArray();
        for (var n = 1; n < nodes; n++)
            cluster.Published(n).Publish(UpdateAddress.InExchange(run, 7, n, 3, 1), updates[n]);
        order = new GatherOrder(run, 7, 3, 1, [.. updates.Select((_, n) => (n, 1.0 + n))], 0, updates[0], format, false,
            new Dictionary<string, int>());
        return [.. updates.Select((u, n) => new ReceivedUpdate(n, 1 + n, u))];
    }

    private static ParameterVector Vector(int length, int node, int salt) => ParameterVector.Own([.. Enumerable
        .Range(0, length).Select(i => (1 + node) * (((i * 7919L) + node * 31 + salt) % 997 - 498) / 31f)]);
}
