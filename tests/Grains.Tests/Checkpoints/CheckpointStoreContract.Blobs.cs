using Orleans.FL.Grains.Checkpoints;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

// Blobs are named by their hashes, and whole or not there.
public abstract partial class CheckpointStoreContract
{
    [Theory(Timeout = Limit)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((3 << 20) + 7)]
    public async Task A_blob_is_read_back(int length)
    {
        var store = Open();
        await store.Claim(Run);
        var bytes = Bytes(length);

        var name = await Write(store, bytes);

        var read = new byte[length];
        await Open().ReadBlob(Run, name, read);
        Assert.Equal(bytes, read);
        await store.Claim(Run);
        await Open().ReadBlob(Run, name, read);
        Assert.Equal(bytes, read);
    }

    [Fact(Timeout = Limit)]
    public async Task A_blob_that_is_missing_or_of_another_length_is_damage()
    {
        var store = Open();
        await store.Claim(Run);
        var name = await Write(store, Bytes(100));

        Assert.False(await store.HasBlob(Run, Name(Bytes(101))));
        await Assert.ThrowsAsync<DamagedCheckpointException>(() =>
            store.ReadBlob(Run, Name(Bytes(101)), new byte[101]));
        await Assert.ThrowsAsync<DamagedCheckpointException>(() => store.ReadBlob(Run, name, new byte[99]));
        await Assert.ThrowsAsync<DamagedCheckpointException>(() => store.ReadBlob(Run, name, new byte[101]));
        await Assert.ThrowsAsync<ArgumentException>(() => store.ReadBlob(Run, "../../etc/passwd", new byte[1]));
    }

    [Fact(Timeout = Limit)]
    public async Task A_hundred_may_write_the_same_blob_at_once()
    {
        await Open().Claim(Run);
        var bytes = Bytes((1 << 20) + 5);
        var store = Open();

        await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(i => Task.Run(() => Write(i % 2 == 0 ? store : Open(), bytes))));

        var read = new byte[bytes.Length];
        await store.ReadBlob(Run, Name(bytes), read);
        Assert.Equal(bytes, read);
    }

    [Fact(Timeout = Limit)]
    public async Task A_dropped_blob_can_be_written_again()
    {
        var store = Open();
        await store.Claim(Run);
        var name = await Write(store, Bytes(100));

        await store.DropBlob(Run, name);
        await store.DropBlob(Run, name);

        Assert.False(await store.HasBlob(Run, name));
        await Write(store, Bytes(100));
        Assert.True(await store.HasBlob(Run, name));
    }
}
