using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

/// <summary>What every store of checkpoints must do; each has a class that derives from this one.</summary>
public abstract class CheckpointStoreContract
{
    private const int Limit = 60_000;
    private const string Experiment = "0123abcd";

    /// <summary>A run of its own for each test.</summary>
    protected string Run { get; } = $"run-{Guid.NewGuid():N}";

    /// <summary>Another process's access to the same store.</summary>
    protected abstract ICheckpointStore Open();

    /// <summary>Flips a bit of a stored blob.</summary>
    protected abstract Task FlipBlob(string sha256);

    /// <summary>Cuts the end of a stored blob off.</summary>
    protected abstract Task TearBlob(string sha256);

    /// <summary>Changes a stored manifest behind the store's back.</summary>
    protected abstract Task ChangeCommit(int round, Func<byte[], byte[]> change);

    /// <summary>Flips a bit of a stored line of the journal, counted from 0.</summary>
    protected abstract Task FlipLine(int index);

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
    public async Task Who_claims_at_once_gets_a_number_of_its_own()
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

        Assert.Equal($"Run '{Run}' was claimed anew: this process has claim 1, the latest is 2. It lets go of the run.", e.Message);
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
            Assert.InRange(journal.Count, lines.Count, lines.Count + 1); // the one under way counts as a whole or not at all
            Assert.Subset(commits.ToHashSet(), rounds.ToHashSet());
            Assert.Equal(journal, await heir.Journal(run));
            Assert.Equal(commits, await heir.Commits(run));
        }
    }

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
        await Assert.ThrowsAsync<DamagedCheckpointException>(() => store.ReadBlob(Run, Name(Bytes(101)), new byte[101]));
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

        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => Write(i % 2 == 0 ? store : Open(), bytes))));

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

    [Fact(Timeout = Limit)]
    public async Task The_journal_keeps_lines_in_their_order()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        string[] lines = ["", " ", "{\"é\":\"𝄞\"}", new('x', 700_000), "last"];

        foreach (var line in lines) await store.Append(Run, claim, line);

        var journal = await Open().Journal(Run);
        Assert.Equal(lines, journal);
        Assert.Null(journal.ValidationError);
        await Assert.ThrowsAsync<ArgumentException>(() => store.Append(Run, claim, "two\nlines"));
        Assert.Empty(await store.Journal(Run + "-other"));
    }

    [Fact(Timeout = Limit)]
    public async Task Lines_that_are_added_at_once_are_all_there()
    {
        var store = Open();
        var claim = await store.Claim(Run);

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => store.Append(Run, claim, $"{i:D3}"))));

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i:D3}"), (await store.Journal(Run)).Order());
    }

    [Fact(Timeout = Limit)]
    public async Task From_a_damaged_line_on_the_journal_is_left_out_and_says_so()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        foreach (var line in new[] { "one", "two", "three" }) await store.Append(Run, claim, line);
        await FlipLine(1);

        var damaged = await Open().Journal(Run);
        var heir = Open();
        claim = await heir.Claim(Run);
        var cut = await heir.Journal(Run);
        await heir.Append(Run, claim, "zwei");
        var goesOn = await Open().Journal(Run);
        await Open().Claim(Run);

        Assert.Equal(["one"], damaged);
        Assert.Contains("is damaged in line 2", damaged.ValidationError, StringComparison.Ordinal);
        Assert.Equal(["one"], cut);
        Assert.Contains("is damaged in line 2", cut.ValidationError, StringComparison.Ordinal);
        Assert.Equal(["one", "zwei"], goesOn);
        Assert.Equal(["one", "zwei"], await Open().Journal(Run));
        Assert.Null((await Open().Journal(Run)).ValidationError);
    }

    [Fact(Timeout = Limit)]
    public async Task Commits_are_listed_from_the_latest_on_and_replaced()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        Assert.Empty(await store.Commits(Run));

        foreach (var round in new[] { 9, 10, 2 }) await store.Commit(Run, claim, round, Encoding.UTF8.GetBytes($"old {round}"));
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

    [Fact(Timeout = Limit)]
    public async Task The_state_of_nodes_is_restored_bit_for_bit()
    {
        var store = Open();
        await store.Claim(Run);
        var shared = Vector(1, 50);
        var full = new LearnerState(4, shared, Vector(9, 50),
            new Dictionary<string, ParameterVector> { ["control"] = Vector(2, 40), ["Server"] = shared },
            new OptimizerState(1L << 40, Vector(3, 40), Vector(4, 40)));
        var bare = LearnerState.Of(shared);

        var snapshots = await new NodeSnapshots(store).Write(Run, [(7, full), (8, bare)]);
        var reader = new NodeSnapshots(Open());
        var states = await Task.WhenAll(snapshots.Select(s => reader.Read(Run, s, 50, 40)));

        AssertSame(full, states[0]);
        AssertSame(bare, states[1]);
        Assert.Same(states[0].Weights, states[0].RoundStart);
        Assert.Same(states[0].Weights, states[1].Weights); // what shares a blob shares memory
        Assert.Same(states[0].Weights, states[0].Memory["Server"]);
        Assert.Equal([7, 8], snapshots.Select(s => s.Node));
    }

    [Fact(Timeout = Limit)]
    public async Task The_newest_checkpoint_is_gone_on_from_and_two_are_kept()
    {
        var (checkpoints, claim) = (new RunCheckpoints(Open()), await Open().Claim(Run));
        var manifests = new List<CheckpointManifest>();
        for (var round = 1; round <= 4; round++)
        {
            manifests.Add(await Snapshot(round));
            await checkpoints.Commit(Run, claim, manifests[^1]);
        }

        var found = await new RunCheckpoints(Open()).Latest(Run, Experiment);

        Assert.Equal(4, found.Manifest!.Round);
        Assert.Empty(found.Refused);
        Assert.Equal([4, 3], await Open().Commits(Run));
        foreach (var manifest in manifests)
            foreach (var blob in manifest.Blobs) Assert.Equal(manifest.Round >= 3, await Open().HasBlob(Run, blob));
        await new NodeSnapshots(Open()).Read(Run, found.Manifest.Nodes[0], 20, 20);
        Assert.Null((await checkpoints.Latest(Run + "-other", Experiment)).Manifest);
    }

    [Theory(Timeout = Limit)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_blob_is_refused_and_the_checkpoint_before_it_is_used(bool flipped)
    {
        var (checkpoints, claim) = (new RunCheckpoints(Open()), await Open().Claim(Run));
        for (var round = 1; round <= 2; round++) await checkpoints.Commit(Run, claim, await Snapshot(round));
        var latest = (await checkpoints.Latest(Run, Experiment)).Manifest!;
        var blob = latest.Nodes[0].Weights.Sha256;
        await (flipped ? FlipBlob(blob) : TearBlob(blob));

        var reader = new NodeSnapshots(Open());
        var errors = await Task.WhenAll(latest.Nodes.Select(n =>
            Assert.ThrowsAsync<DamagedCheckpointException>(() => reader.Read(Run, n, 20, 20))));
        var before = (await checkpoints.Latest(Run, Experiment, latest.Round)).Manifest!;

        Assert.StartsWith($"Node 0 of run '{Run}' cannot be restored to the end of round 2: ", errors[0].Message, StringComparison.Ordinal);
        Assert.StartsWith("Node 1 of run ", errors[1].Message, StringComparison.Ordinal);
        Assert.Contains(flipped ? $"{blob} in {Open().Name} is damaged: its SHA-256 is " : "bytes where 80 were expected", errors[0].Message,
            StringComparison.Ordinal);
        Assert.False(await Open().HasBlob(Run, blob)); // so that it is written again
        Assert.Equal(1, before.Round);
        foreach (var node in before.Nodes) AssertSame(State(1), await reader.Read(Run, node, 20, 20));
        await checkpoints.Commit(Run, claim, await Snapshot(2));
        AssertSame(State(2), await reader.Read(Run, latest.Nodes[0], 20, 20));
    }

    [Fact(Timeout = Limit)]
    public async Task A_damaged_manifest_is_refused_and_the_one_before_it_is_used()
    {
        var (checkpoints, claim) = (new RunCheckpoints(Open()), await Open().Claim(Run));
        for (var round = 1; round <= 5; round++) await checkpoints.Commit(Run, claim, await Snapshot(round), keep: 9);
        await ChangeCommit(5, m => m[..^30]);
        await ChangeCommit(4, m => [.. m[..60], (byte)(m[60] ^ 1), .. m[61..]]);
        await ChangeCommit(3, m => []);
        await ChangeCommit(2, _ => new CheckpointManifest("another", Experiment, 2, []).ToBytes());

        var found = await checkpoints.Latest(Run, Experiment);

        Assert.Equal(1, found.Manifest!.Round);
        Assert.Equal(4, found.Refused.Count);
        Assert.Contains($"The checkpoint of run '{Run}' after round 5", found.Refused[0], StringComparison.Ordinal);
        Assert.Contains("it is cut", found.Refused[0], StringComparison.Ordinal);
        Assert.Contains("its SHA-256 does not fit", found.Refused[1], StringComparison.Ordinal);
        Assert.Contains("it is empty", found.Refused[2], StringComparison.Ordinal);
        Assert.Contains("it is of run 'another'", found.Refused[3], StringComparison.Ordinal);
        Assert.Contains("another experiment", Assert.Single((await checkpoints.Latest(Run, "ffff", 2)).Refused), StringComparison.Ordinal);
    }

    protected static string Name(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    protected static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++) bytes[i] = (byte)((i * 31) + (i >> 8) + length);
        return bytes;
    }

    protected async Task<string> Write(ICheckpointStore store, byte[] bytes)
    {
        await store.WriteBlob(Run, Name(bytes), bytes);
        return Name(bytes);
    }

    /// <summary>Two nodes with the same state after a round.</summary>
    protected async Task<CheckpointManifest> Snapshot(int round) => new(Run, Experiment, round,
        await new NodeSnapshots(Open()).Write(Run, [(0, State(round)), (1, State(round))]));

    protected static LearnerState State(int round) => LearnerState.Of(Vector(round, 20)) with { Round = round - 1 };

    protected static ParameterVector Vector(int seed, int length) =>
        ParameterVector.Own([.. Enumerable.Range(0, length).Select(i => i == 3 ? float.NaN : i == 4 ? -0f : (float)Math.Sin((seed * 1000) + i))]);

    protected static void AssertSame(LearnerState expected, LearnerState found)
    {
        Assert.Equal(expected.Round, found.Round);
        Assert.Equal(expected.Weights, found.Weights);
        Assert.Equal(expected.Memory.OrderBy(m => m.Key, StringComparer.Ordinal), found.Memory);
        Assert.Equal(expected.Optimizer, found.Optimizer);
    }
}
