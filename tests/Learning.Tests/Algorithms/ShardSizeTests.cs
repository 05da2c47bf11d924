using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>
/// Nodes without a sample, with one, with one more than a batch and with a full batch: on a model with BatchNorm, which
/// cannot train on one sample, each algorithm goes on with all of them.
/// </summary>
public class ShardSizeTests
{
    /// <summary>With a fifth held out, batches of 4 are trained on: 8, 1, 0, 5, 3 and 4 samples.</summary>
    private const string Sizes = "10,1,0,6,3,5";

    private const string SizesWithoutServer = "1,0,6,3,10";

    public static TheoryData<string> All =>
    [
        .. Toy.Algorithms,
        "{\"name\":\"dispfl\",\"regrowth\":\"random\"}",
        "{\"name\":\"gossip\",\"direction\":\"push\",\"partners\":1}",
        "{\"name\":\"representation-similarity\",\"metric\":\"all\"}",
    ];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(All))]
    public async Task Nobody_is_absent_for_the_size_of_a_shard(string algorithm)
    {
        var sizes = algorithm == "split-learning" ? SizesWithoutServer : Sizes;
        var run = await AlgorithmLaws.Run(["algorithm=" + algorithm, "model=resnet6", "publicSet={\"samples\":9}",
            "rounds=2", $"partitioner={{\"name\":\"iid\",\"sizes\":[{sizes}]}}"]);

        Assert.All(run.Rounds.SelectMany(r => r.Nodes), n => Assert.Null(n.Absence));
        Assert.All(run.Weights, w => Assert.DoesNotContain(w.Span.ToArray(), v => !float.IsFinite(v)));
    }
}
