using Orleans.FL.Grains.Exchange;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Grains.Tests.Exchange;

/// <summary>Vectors from one silo to another: epochs, failures on the way, memory, bytes.</summary>
[Collection(nameof(Alone))]
public sealed class TransferTests(TransferCluster cluster) : IClassFixture<TransferCluster>
{
    private const int Values = (5 * UpdateReader.ChunkBytes / sizeof(float)) + 7; // six chunks, the last one short

    private readonly string _run = cluster.NextRun();

    [Fact(Timeout = 60_000)]
    public async Task A_reader_gets_the_vectors_of_the_epoch_that_it_names_and_of_no_other()
    {
        var (old, now) = (Update(1), Update(2));
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 4, 1, 0, 0), old);
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 5, 1, 0, 0), now);

        Assert.Equal(old.Weights, (await Get(epoch: 4)).Weights);
        Assert.Equal(now.Weights, (await Get(epoch: 5)).Weights);
        Assert.Contains("epoch 6", (await Assert.ThrowsAsync<InvalidOperationException>(() => Get(epoch: 6))).Message);

        cluster.Published(1).ForgetOlder(_run, 1, 5);
        // silo 0 has read it, silo 2 has not
        await Assert.ThrowsAsync<InvalidOperationException>(() => Get(epoch: 4, silo: 2));
        Assert.Equal(now.Weights, (await Get(epoch: 5)).Weights);
        // A zombie of the older epoch cannot even publish.
        Assert.Contains("epoch 5", Assert.Throws<InvalidOperationException>(() =>
            cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 4, 1, 1, 0), old)).Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_transfer_goes_on_from_the_chunk_that_failed()
    {
        var update = Update(3);
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, 1, 0, 0), update);
        var (receivedBefore, sentBefore) = (Received, Sent);
        var failures = 0;
        cluster.Failures.Failure = offset =>
            offset == 2 * UpdateReader.ChunkBytes && Interlocked.Increment(ref failures) <= 2
                ? throw (failures == 1 ? new TimeoutException("Slow.") : new SiloUnavailableException("Away."))
                : Task.CompletedTask;

        var received = await Get();

        Assert.Equal(update.Weights, received.Weights);
        // Each chunk once, except the one that failed: three times.
        Assert.Equal([0, 1, 2, 2, 2, 3, 4, 5], cluster.Failures.Asked.Select(o => o / UpdateReader.ChunkBytes).Order());
        Assert.Equal(4L * Values, Received - receivedBefore);
        Assert.Equal(4L * Values, Sent - sentBefore);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_version_that_is_gone_is_an_error_at_once()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => Get());

        Assert.Contains("published nothing for round 0", failure.Message);
        Assert.Single(cluster.Failures.Asked);
    }

    [Fact(Timeout = 60_000)]
    public async Task Bytes_that_were_changed_on_the_way_are_read_again()
    {
        var update = Update(4);
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, 1, 0, 0), update);
        var changed = 0;
        cluster.Failures.Lie = (chunk, offset) =>
            offset == UpdateReader.ChunkBytes && Interlocked.Increment(ref changed) == 1 ? Flip(chunk) : chunk;

        Assert.Equal(update.Weights, (await Get()).Weights);
        Assert.Equal(12, cluster.Failures.Asked.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task Bytes_that_do_not_have_the_hash_that_was_sent_are_refused_with_both()
    {
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, 1, 0, 0), Update(5));
        cluster.Failures.Lie = (chunk, offset) => offset == UpdateReader.ChunkBytes ? Flip(chunk) : chunk;

        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => Get());

        Assert.Matches("^Node 1 sent [0-9a-f]{32} as the hash of what it published in round 0, exchange 0, epoch 1, "
            + "but what came has [0-9a-f]{32}, twice", refusal.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task All_nodes_of_a_silo_share_one_pull_and_one_that_gives_up_does_not_end_it()
    {
        var update = Update(6);
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, 1, 0, 0), update);
        var (gate, impatient) = (new TaskCompletionSource(), new CancellationTokenSource());
        cluster.Failures.Failure = _ => gate.Task;
        var reader = cluster.Reader(0);

        var first = reader.Get(UpdateAddress.InExchange(_run, 1, 1, 0, 0), UpdateFormat.Plain(new(Values, [])),
            impatient.Token);
        var second = reader.Get(UpdateAddress.InExchange(_run, 1, 1, 0, 0), UpdateFormat.Plain(new(Values, [])),
            CancellationToken.None);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();

        Assert.Equal(update.Weights, (await second).Update.Weights);
        Assert.Equal(6, cluster.Failures.Asked.Count);
        Assert.Same((await second).Update.Weights, (await Get()).Weights);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_silo_never_has_more_chunks_under_way_than_its_window()
    {
        var (underWay, most) = (0, 0);
        for (var node = 1; node < 16; node += 3)
            cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, node, 0, 0), Update(node));
        cluster.Failures.Failure = async _ =>
        {
            var now = Interlocked.Increment(ref underWay);
            InterlockedMax(ref most, now);
            await Task.Yield();
            Interlocked.Decrement(ref underWay);
        };

        await Task.WhenAll(Enumerable.Range(0, 5)
            .Select(i => cluster.Reader(0).Get(UpdateAddress.InExchange(_run, 1, 1 + 3 * i, 0, 0),
                UpdateFormat.Plain(new(Values, [])), CancellationToken.None)));

        Assert.InRange(most, 1, 4);
        Assert.Equal(30, cluster.Failures.Asked.Count);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_hundred_megabytes_move_with_little_more_memory_than_they_take()
    {
        const int length = 25_000_000;
        var vector = ParameterVector.Own([.. Enumerable.Range(0, length).Select(i => i * 0.5f)]);
        cluster.Published(1).Publish(UpdateAddress.InExchange(_run, 1, 1, 0, 0), new Update(vector));
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var (update, bytes) = await cluster.Reader(0).Get(UpdateAddress.InExchange(_run, 1, 1, 0, 0),
            UpdateFormat.Plain(new(length, [])), CancellationToken.None);

        // Both silos are in this process: all that either allocated, garbage included, beyond the vector itself.
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before - bytes;
        Assert.Equal(vector, update.Weights);
        Assert.InRange(allocated, 0, 64L << 20);
    }

    private long Received => cluster.Get<SiloTraffic>(0).Now.PayloadReceived;

    private long Sent => cluster.Get<SiloTraffic>(1).Now.PayloadSent;

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen;)
            seen = Interlocked.CompareExchange(ref most, now, seen) is var found && found == seen ? now : found;
    }

    private async Task<Update> Get(long epoch = 1, int silo = 0) =>
        (await cluster.Reader(silo).Get(UpdateAddress.InExchange(_run, epoch, 1, 0, 0),
            UpdateFormat.Plain(new(Values, [])), CancellationToken.None)).Update;

    private static Update Update(int seed) =>
        new(ParameterVector.Own([.. Enumerable.Range(0, Values).Select(i => (i * 31 + seed) % 1000 / 7f)]));

    private static WeightChunk Flip(WeightChunk chunk)
    {
        var bytes = chunk.Bytes.ToArray();
        bytes[99] ^= 1;
        return new WeightChunk(bytes, chunk.TotalBytes, chunk.Parts, chunk.Hash, chunk.Codec);
    }
}

/// <summary>Tests that measure memory run when no others do.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
