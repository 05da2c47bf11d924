using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

// What was written as a checkpoint is restored bit for bit, or refused with the reason.
public abstract partial class CheckpointStoreContract
{
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
        var refusals = await Task.WhenAll(latest.Nodes.Select(n =>
            Assert.ThrowsAsync<DamagedCheckpointException>(() => reader.Read(Run, n, 20, 20))));
        var before = (await checkpoints.Latest(Run, Experiment, latest.Round)).Manifest!;

        Assert.StartsWith($"Node 0 of run '{Run}' cannot be restored to the end of round 2: ", refusals[0].Message,
            StringComparison.Ordinal);
        Assert.StartsWith("Node 1 of run ", refusals[1].Message, StringComparison.Ordinal);
        Assert.Contains(flipped
            ? $"{blob} in {Open().Name} is damaged: its SHA-256 is "
            : "bytes where 80 were expected", refusals[0].Message, StringComparison.Ordinal);
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
        Assert.Contains("another experiment", Assert.Single((await checkpoints.Latest(Run, "ffff", 2)).Refused),
            StringComparison.Ordinal);
    }
}
