using System.Text;
using Orleans.FL.Grains.Checkpoints;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

// Commits are listed, replaced, pruned and forgotten.
public abstract partial class CheckpointStoreContract
{
    [Fact(Timeout = Limit)]
    public async Task Commits_are_listed_from_the_latest_on_and_replaced()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        Assert.Empty(await store.Commits(Run));

        foreach (var round in new[] { 9, 10, 2 })
            await store.Commit(Run, claim, round, Encoding.UTF8.GetBytes($"old {round}"));
        await store.Commit(Run, claim, 10, "new"u8.ToArray());

        Assert.Equal([10, 9, 2], await Open().Commits(Run));
        Assert.Equal("new"u8.ToArray(), await Open().ReadCommit(Run, 10));
        await Assert.ThrowsAsync<DamagedCheckpointException>(() => store.ReadCommit(Run, 3));
    }

    [Fact(Timeout = Limit)]
    public async Task Pruning_keeps_what_is_needed()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        foreach (var round in new[] { 1, 2, 3 }) await store.Commit(Run, claim, round, Bytes(round));
        var (kept, gone) = (await Write(store, Bytes(10)), await Write(store, Bytes((1 << 20) + 1)));

        await store.Prune(Run, claim, 2, new HashSet<string> { kept });

        Assert.Equal([3, 2], await store.Commits(Run));
        Assert.True(await store.HasBlob(Run, kept));
        Assert.False(await store.HasBlob(Run, gone));
        await store.ReadBlob(Run, kept, new byte[10]);
        await Write(store, Bytes((1 << 20) + 1));
        await store.ReadBlob(Run, gone, new byte[(1 << 20) + 1]);
    }

    [Fact(Timeout = Limit)]
    public async Task A_forgotten_run_keeps_its_journal()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        await store.Append(Run, claim, "line");
        await store.Commit(Run, claim, 1, Bytes(3));
        var name = await Write(store, Bytes(10));

        await store.Forget(Run);

        Assert.Empty(await store.Commits(Run));
        Assert.False(await store.HasBlob(Run, name));
        Assert.Equal(["line"], await store.Journal(Run));
        Assert.Equal(1, await store.Claimed(Run));
        await store.Forget(Run + "-other");
    }
}
