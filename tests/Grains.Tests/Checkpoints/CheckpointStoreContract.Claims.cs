using System.Collections.Concurrent;
using Orleans.FL.Grains.Checkpoints;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

// Who claims a run writes it, and nobody who claimed it before.
public abstract partial class CheckpointStoreContract
{
    [Fact(Timeout = Limit)]
    public async Task Claims_count_up_from_1()
    {
        var store = Open();

        Assert.Equal(0, await store.Claimed(Run));
        Assert.Equal(1, await store.Claim(Run));
        Assert.Equal(2, await Open().Claim(Run));
        Assert.Equal(2, await store.Claimed(Run));
        Assert.Equal(0, await store.Claimed(Run + "-other"));
    }

    [Fact(Timeout = Limit)]
    public async Task Concurrent_claims_get_different_numbers()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Open().Claim(Run))));

        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), claims.Order());
        await Open().Append(Run, 20, "the last one may write");
        await Assert.ThrowsAsync<StaleClaimException>(() => Open().Append(Run, 19, "no other may"));
        Assert.Equal(["the last one may write"], await Open().Journal(Run));
    }

    [Fact(Timeout = Limit)]
    public async Task An_older_claimant_is_refused_and_changes_nothing()
    {
        var (zombie, heir) = (Open(), Open());
        var old = await zombie.Claim(Run);
        var name = await Write(zombie, Bytes(100));
        await zombie.Append(Run, old, "before");
        await zombie.Commit(Run, old, 1, "one"u8.ToArray());
        await heir.Claim(Run);

        var e = await Assert.ThrowsAsync<StaleClaimException>(() => zombie.Append(Run, old, "after"));
        await Assert.ThrowsAsync<StaleClaimException>(() => zombie.Commit(Run, old, 1, "uno"u8.ToArray()));
        await Assert.ThrowsAsync<StaleClaimException>(() => zombie.Commit(Run, old, 2, "two"u8.ToArray()));
        await Assert.ThrowsAsync<StaleClaimException>(() => zombie.Prune(Run, old, 5, new HashSet<string>()));

        Assert.Equal($"Run '{Run}' was claimed anew: this process has claim 1, the latest is 2. It lets go of the run.",
            e.Message);
        Assert.Equal(["before"], await heir.Journal(Run));
        Assert.Equal([1], await heir.Commits(Run));
        Assert.Equal("one"u8.ToArray(), await heir.ReadCommit(Run, 1));
        Assert.True(await heir.HasBlob(Run, name));
    }

    [Fact(Timeout = Limit)]
    public async Task What_was_acknowledged_before_a_claim_is_there_after_it_and_nothing_comes_later()
    {
        for (var trial = 0; trial < 5; trial++)
        {
            var run = $"{Run}-{trial}";
            var zombie = Open();
            var old = await zombie.Claim(run);
            var (lines, rounds) = (new ConcurrentQueue<string>(), new ConcurrentQueue<int>());
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var appending = Task.Run(() => Assert.ThrowsAsync<StaleClaimException>(async () =>
            {
                for (var i = 0; ; i++)
                {
                    await zombie.Append(run, old, $"{i}");
                    lines.Enqueue($"{i}");
                    if (i == trial) begun.SetResult();
                }
            }));
            var committing = Task.Run(() => Assert.ThrowsAsync<StaleClaimException>(async () =>
            {
                for (var i = 0; ; i++)
                {
                    await zombie.Commit(run, old, i, Bytes(i));
                    rounds.Enqueue(i);
                }
            }));
            await begun.Task;

            var heir = Open();
            await heir.Claim(run);
            var (journal, commits) = (await heir.Journal(run), await heir.Commits(run));
            await Task.WhenAll(appending, committing);

            Assert.Equal(lines, journal.Take(lines.Count));
            // the one under way counts as a whole or not at all
            Assert.InRange(journal.Count, lines.Count, lines.Count + 1);
            Assert.Subset(commits.ToHashSet(), rounds.ToHashSet());
            Assert.Equal(journal, await heir.Journal(run));
            Assert.Equal(commits, await heir.Commits(run));
        }
    }
}
