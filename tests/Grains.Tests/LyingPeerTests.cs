using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>What comes from another silo is checked before it is used, and before memory is taken for it.</summary>
public sealed class LyingPeerTests(SharedClusters.ThreeSilosOneLane cluster)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>, IDisposable
{
    public void Dispose() => cluster.Failures.Clear();

    public static TheoryData<string> Lies => ["giant", "short", "empty", "many", "hashless", "codec", "wrong hash"];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Lies))]
    public async Task A_peer_that_lies_about_its_weights_is_refused_by_its_receivers(string lie)
    {
        cluster.Failures.Lie = (node, chunk) => node != $"lie-{lie.Replace(' ', '-')}/1" ? chunk : lie switch
        {
            "giant" => Chunk(chunk, totalBytes: long.MaxValue),
            "short" => Chunk(chunk, drop: 4),
            "empty" => Chunk(chunk, parts: []),
            "many" => Chunk(chunk, parts: [.. Enumerable.Range(0, 1000).Select(i => $"part{i}")]),
            "codec" => Chunk(chunk, codec: "float16"),
            "hashless" => new WeightChunk(chunk.Bytes.ToArray(), chunk.TotalBytes, chunk.Parts, null, chunk.Codec),
            _ => Chunk(chunk, flip: 1),
        };

        var events = await cluster.Finish(
            Toy.Experiment("algorithm=gossip", "topology=ring", "seating.roundQuorum=0.1", "rounds=1"),
            $"lie-{lie.Replace(' ', '-')}");

        // Ring of 6 over three silos: nodes 0 and 2 receive from node 1, and both sit on other silos.
        var round = events.OfType<RoundEvent>().Single();
        Assert.Equal([0, 2], round.Absent!.Select(a => a.Node));
        Assert.All(round.Absent!, a => Assert.StartsWith("Node 1 ", a.Reason));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_reading_that_fails_in_passing_is_done_again_and_nobody_is_absent()
    {
        var failures = 0;
        cluster.Failures.Add("passing/1", "Read", () => Interlocked.Increment(ref failures) switch
        {
            1 => throw new TimeoutException("The link was slow."),
            2 => throw new SiloUnavailableException("The silo was not there."),
            _ => Task.CompletedTask,
        });

        var events = await cluster.Finish(Toy.Experiment("algorithm=gossip", "topology=ring", "rounds=1"), "passing");

        Assert.Empty(events.OfType<RoundEvent>().Single().Absent ?? []);
        Assert.True(failures > 2);
    }

    [Fact(Timeout = 60_000)]
    public async Task Bytes_between_silos_are_counted_once_for_each_silo_that_receives()
    {
        var round = (await cluster.Finish(Toy.Experiment("rounds=1"), "bytes")).OfType<RoundEvent>().Single();

        // mlp 16-8-3: 163 weights, 652 bytes. Silos hold nodes {0,3}, {1,4}, {2,5}. The server receives from two silos,
        // each as one sum, which takes less than two models and more than one; both silos read the server once for
        // their two nodes.
        Assert.Equal((5 + 5) * 652, round.PayloadBytes);
        Assert.InRange(round.WireBytes - 2 * 652, 2 * 652 + 1, 2 * 2 * 652 - 1);

        // What silos sent, silos received, and the nodes together as much.
        var silos = (await File.ReadAllLinesAsync(Path.Combine(cluster.Runs, "bytes", "silos.csv")))[1..]
            .Select(l => l.Split(',')).Where(l => l[0] == "1").ToArray();
        Assert.Equal(round.WireBytes, silos.Sum(l => long.Parse(l[2])));
        Assert.Equal(round.WireBytes, silos.Sum(l => long.Parse(l[3])));
    }

    private static WeightChunk Chunk(WeightChunk chunk, long? totalBytes = null, string[]? parts = null, int drop = 0,
        byte flip = 0, string? codec = null)
    {
        var bytes = chunk.Bytes[..^drop].ToArray();
        bytes[0] ^= flip;
        return new WeightChunk(bytes, totalBytes ?? chunk.TotalBytes, parts ?? chunk.Parts, chunk.Hash, codec
            ?? chunk.Codec);
    }
}
