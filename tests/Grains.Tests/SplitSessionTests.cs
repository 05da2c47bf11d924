using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// Split learning over silos: messages are checked, failures are reported, and the record holds the whole model.
/// </summary>
public sealed class SplitSessionTests(SharedClusters.ThreeSilosOneLane cluster)
    : IClassFixture<SharedClusters.ThreeSilosOneLane>, IDisposable
{
    public void Dispose() => cluster.Failures.Clear();

    // Node 1 sits on another silo than the server.
    [Theory(Timeout = 60_000)]
    [InlineData("giant", "bytes where 144 are expected")] // 4 samples of 8 values and a label
    [InlineData("two", "2 vectors where one is expected")]
    [InlineData("wrong hash", "twice")]
    [InlineData("no class", "label")]
    public async Task A_message_that_is_not_what_it_must_be_ends_the_run_with_the_reason(string lie, string word)
    {
        var run = $"lie-{lie.Replace(' ', '-')}";
        cluster.Failures.Lie = (node, chunk) => node != $"{run}/1" || chunk.TotalBytes != 144 ? chunk : lie switch
        {
            "giant" => new WeightChunk(chunk.Bytes.ToArray(), long.MaxValue, chunk.Parts, chunk.Hash, chunk.Codec),
            "two" =>
                new WeightChunk(chunk.Bytes.ToArray(), chunk.TotalBytes, ["weights", "more"], chunk.Hash, chunk.Codec),
            "no class" => NoClass(chunk),
            _ => new WeightChunk((byte[])[.. chunk.Bytes[..^1], 77], chunk.TotalBytes, chunk.Parts, chunk.Hash,
                chunk.Codec),
        };

        var events = await cluster.Finish(Split("rounds=3"), run);

        var failed = Assert.IsType<FailedEvent>(events[^1]);
        Assert.Contains("round 1", failed.Reason, StringComparison.Ordinal);
        Assert.Contains(word, failed.Reason, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_node_that_fails_in_its_turn_ends_the_run_because_no_other_has_its_part()
    {
        cluster.Failures.Add("fails/2",
            nameof(INodeGrain.Combine), () => throw new InvalidOperationException("The disk is full."));

        var events = await cluster.Finish(Split("rounds=4", "seating.roundDeadlineSeconds=5"), "fails");

        Assert.DoesNotContain(events, e => e is RoundEvent); // node 1 had its turn, but its part did not reach node 2
        Assert.Contains("nobody has its part", Assert.IsType<FailedEvent>(events[^1]).Reason, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task Answers_that_get_lost_are_asked_for_again()
    {
        cluster.Failures.Lose("losses/0", nameof(INodeGrain.HasSent), 2);
        cluster.Failures.Lose("losses/1", nameof(INodeGrain.Combine), 1);
        cluster.Failures.Lose("losses/1", nameof(INodeGrain.Read), 1);
        var expected = await Simulated.Run(Split("rounds=1"));

        var events = await cluster.Finish(Split("rounds=1"), "losses");

        Assert.Equal(expected.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_record_holds_the_whole_model_and_each_side_its_part()
    {
        var expected = await Simulated.Run(Split("rounds=3"));

        await cluster.Finish(Split("rounds=3"), "record");

        var folder = Path.Combine(cluster.Runs, "record", "weights");
        var layout = Plan.Of(Split(), Toy.Data().Get(Split().Dataset)).Layout;
        var (server, node) = (expected.Weights[0], expected.Weights[1]);
        Assert.Equal(server, Safetensors.ReadFile(Path.Combine(folder, "nodes", "node-0000.safetensors"), layout));
        Assert.Equal(node, Safetensors.ReadFile(Path.Combine(folder, "nodes", "node-0003.safetensors"), layout));
        Assert.Equal(server.Span.ToArray().Zip(node.Span.ToArray(), (a, b) => a + b),
            Safetensors.ReadFile(Path.Combine(folder, "final.safetensors"), layout).Span.ToArray());
        Assert.True(File.Exists(Path.Combine(folder, "best.safetensors")));
    }

    private static Experiment Split(params string[] more) => Toy.Experiment(["algorithm=split-learning", .. more]);

    private static WeightChunk NoClass(WeightChunk chunk)
    {
        var bytes = chunk.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), 3f); // classes are 0 to 2
        return new WeightChunk(bytes, chunk.TotalBytes, chunk.Parts, System.IO.Hashing.XxHash128.HashToUInt128(bytes),
            chunk.Codec);
    }
}
