using CsCheck;
using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>
/// What a server receives from three silos as sums has the bits of what it would receive from the nodes one by one.
/// </summary>
public sealed class GatherTests(TransferCluster cluster) : IClassFixture<TransferCluster>
{
    private const int Length = 1500;

    private readonly string _run = cluster.NextRun();

    [Fact(Timeout = 120_000)]
    public async Task Sums_of_silos_give_the_bits_of_the_updates_one_by_one()
    {
        // Random sets of nodes (so: any number of them on each silo), weights, magnitudes and auxiliary.
        var node = Gen.Select(Gen.Double[0.01, 900], Gen.Float[-1e-6f, 1e4f], Gen.Int[0, 999], Gen.Bool);
        await Gen.Select(node.Array[12], Gen.Int[0, 2]).SampleAsync(async (nodes, auxiliary) =>
        {
            var run = cluster.NextRun();
            string[] names = [.. Enumerable.Range(0, auxiliary).Select(i => $"auxiliary-{9 - i}")];
            var all = nodes.Select((n, rank) =>
                (Rank: rank, Weight: n.Item1, Update: Update(n.Item2, n.Item3, names), Taken: n.Item4 || rank == 0))
                .Where(n => n.Taken).ToArray();
            foreach (var n in all)
                cluster.Published(n.Rank).Publish(UpdateAddress.InExchange(run, 7, n.Rank, 3, 1), n.Update);
            var order = Order(run, [.. all.Select(n => (n.Rank, n.Weight))], names) with { Own = all[0].Update };

            var (received, sent, wire) = await Gather(order);

            var expected = ReceivedUpdates.Of([.. all.Select(n => new ReceivedUpdate(n.Rank, n.Weight, n.Update))]);
            Assert.Equal(expected.Count, received.Count);
            Assert.Equal(expected.Mean(), received.Mean());
            foreach (var name in names) Assert.Equal(expected.Mean(name), received.Mean(name));
            Assert.Equal((all.Length - 1) * (1 + auxiliary) * 4L * Length, sent);
            var others = all.Where(n => n.Rank % TransferCluster.Silos != 0)
                .GroupBy(n => n.Rank % TransferCluster.Silos).Count();
            Assert.InRange(wire, others, others * (1 + auxiliary) * ExactSumCodec.MaxBytes(Length));
        }, iter: 60, threads: 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_algorithm_that_needs_each_update_gets_each_update()
    {
        Publish(_run, 7);

        var (received, sent, wire) = await Gather(
            Order(_run, [.. Enumerable.Range(0, 7).Select(n => (n, 1.0))], []) with { AggregatesBySums = false });

        Assert.Equal(Enumerable.Range(0, 7), received.Updates.Select(u => u.Node));
        Assert.Equal(6 * Length * 4, sent);
        Assert.Equal(4 * Length * 4, wire); // nodes 0, 3 and 6 are on the server's silo
    }

    [Fact(Timeout = 60_000)]
    public async Task The_update_of_a_node_alone_is_received_unchanged()
    {
        Publish(_run, 2);

        var (received, _, wire) = await Gather(Order(_run, [(1, 0.3)], []));

        Assert.Equal(cluster.Published(1).Find(UpdateAddress.InExchange(_run, 7, 1, 3, 1))!.Weights, received.Mean());
        Assert.Equal(Length * 4, wire);
    }

    [Fact(Timeout = 60_000)]
    public async Task Nodes_that_are_missing_on_a_silo_are_named()
    {
        Publish(_run, 6);
        cluster.Published(1).Forget(_run, 4);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => Gather(Order(_run, [.. Enumerable.Range(0, 6).Select(n => (n, 1.0))], [])));

        Assert.Contains($"Nodes 4 of run {_run} have published nothing", failure.Message);
        // It was not kept as a failure: the node comes, and the sum is there.
        Publish(_run, 6);
        Assert.Equal(6,
            (await Gather(Order(_run, [.. Enumerable.Range(0, 6).Select(n => (n, 1.0))], []))).Received.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_sum_of_an_older_epoch_is_not_given()
    {
        Publish(_run, 6);

        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Gather(Order(_run, [.. Enumerable.Range(0, 6).Select(n => (n, 1.0))], []) with { Epoch = 6 }));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("hash", "as the hash of its sum")]
    [InlineData("giant", "offers")]
    [InlineData("parts", "offers")]
    [InlineData("header", "other nodes")]
    public async Task A_silo_that_lies_about_its_sum_is_refused_by_name(string lie, string what)
    {
        Publish(_run, 6);
        cluster.Failures.Lie = (chunk, offset) =>
        {
            var bytes = chunk.Bytes.ToArray();
            if (lie == "header") bytes[5]++; // one term more
            return new WeightChunk(bytes, lie == "giant" ? long.MaxValue : chunk.TotalBytes,
                lie == "parts" ? ["weights", "more"] : chunk.Parts, lie == "hash" ? chunk.Hash + 1 : chunk.Hash);
        };

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() =>
            Gather(Order(_run, [(0, 1), (1, 1), (3, 1), (4, 1)], [])));

        Assert.Contains(what, refusal.Message);
        Assert.Contains(cluster.NameOf(1), refusal.Message);
    }

    private Task<(ReceivedUpdates Received, long SentBytes, long WireBytes)> Gather(GatherOrder order) =>
        cluster.Reader(0).Gather(order, cluster.NameOf, cluster.NameOf(0), CancellationToken.None);

    private void Publish(string run, int nodes)
    {
        for (var n = 0; n < nodes; n++)
            cluster.Published(n).Publish(UpdateAddress.InExchange(run, 7, n, 3, 1), Update(n + 1, n, []));
    }

    private static GatherOrder Order(string run, IReadOnlyList<(int, double)> row, string[] auxiliary) =>
        new(run, 7, 3, 1, row, 0, null,
            UpdateFormat.Plain(new(Length, [.. auxiliary.Select(e => new AuxiliaryVector(e, Length))])), true,
            new Dictionary<string, int>());

    private static Update Update(float scale, int shift, string[] auxiliary)
    {
        ParameterVector Vector(int salt) => ParameterVector.Own([.. Enumerable.Range(0, Length)
            .Select(i => scale * (((i * 7919) + shift + salt) % 997 - 498) / 31f)]);
        return new Update(Vector(0), auxiliary.ToDictionary(e => e, e => Vector(e[^1])));
    }
}
