using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Silo.Checkpoints;
using Orleans.FL.Testing.Servers;
using StackExchange.Redis;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Checkpoints;

[Collection(nameof(Servers))]
public sealed class RedisCheckpointStoreTests(RedisServer server) : ServerCheckpointStoreContract
{
    [Fact(Timeout = 60_000)]
    public async Task A_writer_that_is_killed_in_a_blob_leaves_nothing_that_counts_and_pruning_sweeps_it()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        var half = Name(Bytes(100));
        await Change(async redis =>
        {
            await redis.HashSetAsync(Key("pending"), half, 100);
            await redis.StringSetAsync(Part(half), Bytes(50));
        });

        Assert.False(await store.HasBlob(Run, half));
        await store.Prune(Run, claim, 1, new HashSet<string>());

        await Change(async redis => Assert.False(await redis.KeyExistsAsync(Part(half))));
        await Write(store, Bytes(100));
        await store.ReadBlob(Run, half, new byte[100]);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_without_memory_refuses_with_the_remedy_and_the_checkpoint_before_stays()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        await store.Append(Run, claim, "line");
        await Change(redis => redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "1"));
        try
        {
            var e = await Assert.ThrowsAsync<CheckpointException>(() => store.Append(Run, claim, "more"));
            await Assert.ThrowsAsync<CheckpointException>(() => Write(store, Bytes(100)));

            Assert.Contains("has no memory left; raise its maxmemory", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            await Change(redis => redis.ExecuteAsync("CONFIG", "SET", "maxmemory", "0"));
        }
        Assert.Equal(["line"], await store.Journal(Run));
        Assert.False(await store.HasBlob(Run, Name(Bytes(100))));
    }

    protected override ICheckpointStore Open(TimeProvider time) =>
        new RedisCheckpointStore(server.Connection, "c", "s", time);

    protected override Task Stop() => server.Stop();

    protected override Task Start() => server.Start();

    protected override Task FlipBlob(string sha256) => Change(async redis =>
    {
        var bytes = (byte[])(await redis.StringGetAsync(Part(sha256)))!;
        bytes[5] ^= 1;
        await redis.StringSetAsync(Part(sha256), bytes);
    });

    protected override Task TearBlob(string sha256) => Change(async redis =>
        await redis.StringSetAsync(Part(sha256), ((byte[])(await redis.StringGetAsync(Part(sha256)))!)[..77]));

    protected override Task ChangeCommit(int round, Func<byte[], byte[]> change) => Change(async redis =>
        await redis.HashSetAsync(Key("commits"), round,
            change((byte[])(await redis.HashGetAsync(Key("commits"), round))!)));

    protected override Task ChangeLines(Func<List<byte[]>, IReadOnlyList<byte[]>> change) => Change(async redis =>
    {
        var lines = change([.. (await redis.ListRangeAsync(Key("journal"))).Select(l => (byte[])l!)]);
        await redis.KeyDeleteAsync(Key("journal"));
        foreach (var line in lines) await redis.ListRightPushAsync(Key("journal"), line);
    });

    private RedisKey Key(string name) => $"fl:checkpoints:{{c/{Run}}}:{name}";

    private RedisKey Part(string sha256) => Key($"part:{sha256}:0");

    private async Task Change(Func<IDatabase, Task> change)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.Connection);
        await change(redis.GetDatabase());
    }
}
