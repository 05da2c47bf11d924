using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>
/// Two groups of three nodes, each group with a class of its own (seed 11): an algorithm that chooses partners finds
/// the group.
/// </summary>
public class PartnerEffectTests
{
    private static readonly string[] TwoGroups =
    [
        "topology=fully-connected", "training.epochs=3",
        "partitioner={\"name\":\"label-sets\",\"labels\":[[0],[1],[0],[1],[0],[1]],\"samplesPerNode\":12}",
    ];

    // From the first round on each node averages with the other two of its group, so that groups stay equal
    // within, and apart.
    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"weights-l2\"}")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"weights-cosine\"}")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"output-l2\"}")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"output-kl\"}")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"loss\"}")]
    [InlineData("fedval")]
    [InlineData("fedweight")]
    [InlineData("{\"name\":\"fedweight\",\"consensus\":true}")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"kl\"}")]
    [InlineData("{\"name\":\"representation-similarity\",\"metric\":\"loss-inverse\"}")]
    public async Task Partners_are_those_of_the_group(string algorithm)
    {
        var run = new ToyRun([.. TwoGroups, $"algorithm={algorithm}"]);
        await using var lanes = new TrainingLanes(1);
        for (var round = 0; round < 3; round++)
        {
            var sent = new ParameterVector[6];
            await run.Round(lanes,
                round, (node, exchange, update) => sent[node] = exchange == 0 ? update.Weights : sent[node]);

            foreach (var me in run.Learners)
                Assert.Equal(ExactSum.WeightedMean([.. Enumerable.Range(0, 6).Where(i => i % 2 == me.Index % 2)
                    .Select(i => (sent[i], 1.0))]), me.Weights);
        }
    }

    // What nodes learn of each other, after eight rounds: each of the group counts for more than each of the others.
    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"l2c\"}", "l2c.alpha")]
    [InlineData("{\"name\":\"l2c\",\"sharing\":\"weights\"}", "l2c.alpha")]
    [InlineData("{\"name\":\"fedfomo\",\"partners\":0}", "fedfomo.affinity")]
    public async Task Learnt_weights_separate_the_group(string algorithm, string learnt)
    {
        var run = new ToyRun([.. TwoGroups, $"algorithm={algorithm}"]);
        await using var lanes = new TrainingLanes(1);
        for (var round = 0; round < 8; round++) await run.Round(lanes, round);

        foreach (var me in run.Learners)
        {
            var others = Enumerable.Range(0, 6).Where(i => i != me.Index)
                .ToLookup(i => i % 2 == me.Index % 2, i => me.Numbers(learnt)!.Span[i]);
            Assert.True(others[true].Min() > others[false].Max(),
                $"node {me.Index}: {string.Join(", ", others[true])} and {string.Join(", ", others[false])}");
        }
    }
}
