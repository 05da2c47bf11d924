using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Testing;
using Orleans.Serialization;
using Xunit;

namespace Orleans.FL.Grains.Tests.Checkpoints;

public sealed class NodeSnapshotsTests
{
    private readonly CountingStore _store = new();

    [Fact(Timeout = 30_000)]
    public async Task Ten_thousand_nodes_that_share_their_weights_write_one_blob_and_a_small_manifest()
    {
        var state = LearnerState.Of(ParameterVector.Zeros(1000));
        var nodes = Enumerable.Range(0, 10_000).Select(n => (n, state with { Round = 7 })).ToList();

        var snapshots = await new NodeSnapshots(_store).Write("r", nodes);
        var manifest = new CheckpointManifest("r", "e", 8, snapshots);
        var bytes = manifest.ToBytes();

        Assert.Single(_store.Written);
        Assert.InRange(bytes.Length, 1, 250_000);
        Assert.Equal(snapshots.Select(Text), CheckpointManifest.Parse(bytes, "r", "e", 8).Nodes.Select(Text));
    }

    [Fact(Timeout = 30_000)]
    public async Task Equal_vectors_in_different_places_are_one_blob()
    {
        var (a, b) = (ParameterVector.Own([1, 2]), ParameterVector.Own([1, 2]));

        var snapshots = await new NodeSnapshots(_store).Write("r", [(0, LearnerState.Of(a)), (1, LearnerState.Of(b))]);

        Assert.Single(_store.Written);
        Assert.Equal(snapshots[0].Weights, snapshots[1].Weights);
        Assert.Equal("sha-256 of 0000803f00000040",
            $"sha-256 of {Convert.ToHexStringLower(_store.Written.Values.Single())}");
    }

    [Fact(Timeout = 30_000)]
    public async Task A_blob_that_is_there_is_not_written_again()
    {
        var state = LearnerState.Of(ParameterVector.Own([1, 2, 3]));
        await new NodeSnapshots(_store).Write("r", [(0, state)]);

        await new NodeSnapshots(_store).Write("r", [(0, state)]);

        Assert.Equal(1, _store.Writes);
    }

    [Fact(Timeout = 30_000)]
    public async Task Nodes_restored_at_once_read_a_shared_blob_once()
    {
        var state = LearnerState.Of(ParameterVector.Zeros(100));
        var snapshots = await new NodeSnapshots(_store)
            .Write("r", [.. Enumerable.Range(0, 50).Select(n => (n, state))]);
        var reader = new NodeSnapshots(_store);

        var restored = await Task.WhenAll(snapshots.Select(s => reader.Read("r", s, 100, 90)));

        Assert.Equal(1, _store.Reads);
        Assert.All(restored, r => Assert.Same(restored[0].Weights, r.Weights));
    }

    [Fact(Timeout = 30_000)]
    public async Task What_was_restored_is_not_hashed_or_written_again()
    {
        var snapshot = (await new NodeSnapshots(_store)
            .Write("r", [(3, LearnerState.Of(ParameterVector.Zeros(10)))]))[0];
        var snapshots = new NodeSnapshots(_store);

        var again = await snapshots.Write("r", [(3, await snapshots.Read("r", snapshot, 10, 10))]);

        Assert.Equal(Text(snapshot), Text(again[0]));
        Assert.Equal(1, _store.Writes);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(10, 8, null)]
    [InlineData(11, 8, "the weights have 10 values where the run has 11.")]
    [InlineData(10, 9, "its 'control' have 8 values where the run has 10.")]
    public async Task Lengths_must_fit_the_run(int length, int trainable, string? error)
    {
        var state = LearnerState.Of(ParameterVector.Zeros(10)) with
        {
            Memory = new Dictionary<string, ParameterVector>
            {
                ["control"] = ParameterVector.Zeros(8),
                ["all"] = ParameterVector.Zeros(10)
            },
        };
        var snapshot = (await new NodeSnapshots(_store).Write("r", [(3, state)]))[0];

        var e = await Record.ExceptionAsync(() => new NodeSnapshots(_store).Read("r", snapshot, length, trainable));

        if (error is null) Assert.Null(e);
        else Assert.Equal($"Node 3 of run 'r' cannot be restored to the end of round 0: {error}",
            Assert.IsType<DamagedCheckpointException>(e).Message);
    }

    [Fact(Timeout = 30_000)]
    public async Task Numbers_may_have_any_length()
    {
        var name = LearnerState.NameOfNumbers("fednova.effective");
        var state = LearnerState.Of(ParameterVector.Zeros(10)) with
        {
            Memory = new Dictionary<string, ParameterVector> { [name] = ParameterVector.Own([2.5f]) }
        };

        var snapshot = (await new NodeSnapshots(_store).Write("r", [(3, state)]))[0];

        var read = await new NodeSnapshots(_store).Read("r", snapshot, 10, 8);

        Assert.Equal(state.Memory[name], read.Memory[name]);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_store_that_cannot_be_reached_drops_no_blob()
    {
        var snapshot = (await new NodeSnapshots(_store)
            .Write("r", [(3, LearnerState.Of(ParameterVector.Zeros(10)))]))[0];
        var reader = new NodeSnapshots(_store);
        _store.IsGone = true;

        var e = await Assert.ThrowsAsync<CheckpointException>(() => reader.Read("r", snapshot, 10, 10));
        _store.IsGone = false;

        Assert.Equal("Node 3 of run 'r' cannot be restored to the end of round 0: gone", e.Message);
        Assert.Equal(ParameterVector.Zeros(10), (await reader.Read("r", snapshot, 10, 10)).Weights);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"version\":2}")]
    [InlineData(
        "{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1,\"nodes\":[[0,0,0,0,-1,-1]],\"blobs\":[]}")]
    [InlineData("{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1,\"nodes\":[[0,0,0]],\"blobs\":[]}")]
    [InlineData(
        "{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1,\"nodes\":[],\"blobs\":[\"../../x\",1]}")]
    [InlineData(
        "{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1,\"nodes\":[],\"blobs\":[\"B\",2000000000]}")]
    [InlineData("{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1e9,\"nodes\":[],\"blobs\":[]}")]
    [InlineData("{\"version\":1,\"run\":\"r\",\"experiment\":\"e\",\"round\":1,\"nodes\":[[0,0,0,0,-1,-1],[0,0,0,0,-1,"
        + "-1]],\"blobs\":[\"B\",1]}")]
    [InlineData("not JSON")]
    public void An_invalid_manifest_is_refused_with_any_hash(string json)
    {
        var line = json.Replace("\"B\"", $"\"{new string('b', 64)}\"", StringComparison.Ordinal) + "\n";
        var hash = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(line)));

        var e = Assert.Throws<DamagedCheckpointException>(() =>
            CheckpointManifest.Parse(System.Text.Encoding.UTF8.GetBytes($"{line}sha256 {hash}\n"), "r", "e", 1));

        Assert.StartsWith("it is no manifest of version 1: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flipped_bit_and_every_cut_of_a_manifest_is_noticed()
    {
        var bytes = new CheckpointManifest("r", "e", 1, [Full]).ToBytes();

        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<DamagedCheckpointException>(() => CheckpointManifest.Parse(flipped, "r", "e", 1));
        }
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<DamagedCheckpointException>(() =>
                CheckpointManifest.Parse(bytes.AsSpan(0, length), "r", "e", 1));
        Assert.Equal(Text(Full), Text(CheckpointManifest.Parse(bytes, "r", "e", 1).Nodes.Single()));
    }

    [Fact]
    public void A_snapshot_crosses_the_wire()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();

        Assert.Equal(Text(Full), Text(serializer.Deserialize<NodeSnapshot>(serializer.SerializeToArray(Full))!));
    }

    private static NodeSnapshot Full => new(3, 5, Blob('a', 4),
        new SortedDictionary<string, BlobRef>(StringComparer.Ordinal) { ["b"] = Blob('b', 4), ["Z"] = Blob('c', 3) },
        1L << 40, Blob('d', 3), Blob('e', 3));

    private static BlobRef Blob(char digit, int length) => new(new string(digit, 64), length);

    private static string Text(NodeSnapshot s) =>
        $"{s.Node} {s.Round} {s.Weights} {string.Join(' ', s.Memory)} {s.Steps} {s.First} {s.Second}";

    /// <summary>A store in memory that counts, and that can go away.</summary>
    private sealed class CountingStore : ICheckpointStore
    {
        private int _reads, _writes;

        public ConcurrentDictionary<string, byte[]> Written { get; } = [];

        public int Reads => _reads;

        public int Writes => _writes;

        public bool IsGone { get; set; }

        public string Name => "memory";

        public Task<bool> HasBlob(string run, string sha256) => Task.FromResult(Written.ContainsKey(sha256));

        public Task WriteBlob(string run, string sha256, ReadOnlyMemory<byte> bytes)
        {
            Interlocked.Increment(ref _writes);
            Written[sha256] = bytes.ToArray();
            return Task.CompletedTask;
        }

        public async Task ReadBlob(string run, string sha256, Memory<byte> into)
        {
            await Task.Yield();
            if (IsGone) throw new CheckpointException("gone");
            Interlocked.Increment(ref _reads);
            Written[sha256].CopyTo(into);
        }

        public Task DropBlob(string run, string sha256) => Task.FromResult(Written.TryRemove(sha256, out _));

        public Task<long> Claim(string run) => throw new NotSupportedException();

        public Task<long> Claimed(string run) => throw new NotSupportedException();

        public Task Append(string run, long claim, string line) => throw new NotSupportedException();

        public Task<JournalLines> Journal(string run) => throw new NotSupportedException();

        public Task Commit(string run, long claim, int round, ReadOnlyMemory<byte> manifest) =>
            throw new NotSupportedException();

        public Task<IReadOnlyList<int>> Commits(string run) => throw new NotSupportedException();

        public Task<byte[]> ReadCommit(string run, int round) => throw new NotSupportedException();

        public Task Prune(string run, long claim, int firstRound, IReadOnlySet<string> blobs) =>
            throw new NotSupportedException();

        public Task Forget(string run) => throw new NotSupportedException();
    }
}
