using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Nodes average with those whose models make the most similar things of samples.</summary>
public class RepresentationTests
{
    [Theory(Timeout = 60_000)]
    [InlineData("kl")]
    [InlineData("kl-reversed")]
    [InlineData("euclidean")]
    [InlineData("loss-inverse")]
    [InlineData("loss-softmax")]
    [InlineData("cka")]
    [InlineData("distance-correlation")]
    public async Task Partners_are_the_most_similar(string metric)
    {
        var run = new ToyRun("topology=fully-connected",
            $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"{metric}\",\"samples\":0}}", "training.epochs=5");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);

        var distances = await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, 2, 0, stop);
            double[][] Logs(ParameterVector w) =>
                [.. bench.Outputs(w, bench.Training).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[2]);
            return sent.Select(w => metric switch
            {
                "kl" => ModelDistance.KullbackLeibler(bench.Outputs(w, bench.Training).Span,
                    bench.Outputs(sent[2], bench.Training).Span, 3),
                "kl-reversed" => ModelDistance.KullbackLeibler(bench.Outputs(sent[2], bench.Training).Span,
                    bench.Outputs(w, bench.Training).Span, 3),
                "euclidean" =>
                    Logs(w).SelectMany(r => r).Zip(own.SelectMany(r => r), (a, b) => (a - b) * (a - b)).Sum(),
                "cka" => -SimilarityMeasures.KernelAlignment(own, Logs(w)),
                "distance-correlation" => -SimilarityMeasures.DistanceCorrelation(own, Logs(w)),
                _ => bench.Evaluate(w, bench.Training).Loss, // the less the loss, the less is taken from 1
            }).ToArray();
        });
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(i => distances[i]).Take(2)
            .Append(2).Order().ToList();
        Assert.Equal(chosen.Where(i => i != 2).Select(i => (float)i),
            run.Learners[2].Numbers("representation.partners")!.Span.ToArray().Order());
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
    }

    // Node 2 uses the score of it that node j computed on j's own samples, with j's model as the reference; or the
    // distance between the scores of third nodes that both computed.
    [Theory(Timeout = 60_000)]
    [InlineData("sent-kl", "training")]
    [InlineData("sent-kl", "public")]
    [InlineData("sent-euclidean", "training")]
    [InlineData("pairwise-kl", "training")]
    public async Task Scores_that_others_send_decide_who_is_similar(string metric, string probe)
    {
        var run = new ToyRun("topology=fully-connected", "publicSet={\"samples\":9}", "training.epochs=5",
            $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"{metric}\",\"samples\":0,\"probe\":\"{probe}\"}}");
        var (sent, bytes) = (new ParameterVector[6], 0L);
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, exchange, update) =>
        {
            if (exchange == 0) sent[node] = update.Weights;
            else bytes = update.Bytes;
        });

        var found = await lanes.Run("test", (lane, stop) => Enumerable.Range(0, 6).Select(j =>
        {
            var bench = new Workbench(run.Plan, lane, j, 0, stop);
            double[][] Logs(ParameterVector w) =>
                [.. bench.Outputs(w, probe == "public" ? bench.Public : bench.Training).Span.ToArray().Chunk(3)
                    .Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[j]);
            return sent.Select(w => metric == "sent-euclidean"
                ? SimilarityMeasures.SquaredDistance(own, Logs(w))
                : SimilarityMeasures.Divergence(own, Logs(w))).ToArray();
        }).ToArray());
        double Apart(int j) => metric == "pairwise-kl"
            ? Enumerable.Range(0, 6).Where(k => k != 2 && k != j).Sum(k => Math.Pow(found[2][k] - found[j][k], 2))
            : found[j][2];
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(Apart).Take(2).Append(2).Order().ToList();
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
        Assert.Equal(2 * 64 * sizeof(float), bytes);
        Assert.DoesNotContain(run.Learners[2].Memory.Keys, k => k.Contains("model", StringComparison.Ordinal));
    }

    // One score is sent, of the most similar node: a node without scores has similarity 0 to all, and the first ones
    // are taken.
    [Fact(Timeout = 60_000)]
    public async Task A_node_without_received_scores_counts_as_least_similar()
    {
        var run = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"metric\":\"sent-kl\",\"votes\":1,\"partners\":1}");
        await using var lanes = new TrainingLanes(1);
        var votes = new int[6];
        await run.Round(lanes, 0, (node, exchange, update) =>
        {
            if (exchange == 1) votes[node] = (int)update.Weights.Span[0];
        });

        for (var node = 0; node < 6; node++)
        {
            var voters = Enumerable.Range(0, 6).Where(v => v != node && votes[v] == node)
                .Select(v => (float)v).ToList();
            var chosen = run.Learners[node].Numbers("representation.partners")!.Span[0];
            if (voters.Count == 0) Assert.Equal(node == 0 ? 1 : 0, chosen);
            else Assert.Contains(chosen, voters);
        }
    }

    // Two rounds are averaged, of three: the history holds two rows of six, the newest first; of itself a node says −1.
    [Fact(Timeout = 60_000)]
    public async Task Similarities_are_averaged_over_the_last_rounds()
    {
        var run = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"metric\":\"cka\",\"runningAverage\":2,\"partners\":1}");
        await using var lanes = new TrainingLanes(1);
        var rows = new List<float[]>();
        for (var round = 0; round < 3; round++)
        {
            await run.Round(lanes, round);
            rows.Add(run.Learners[0].Numbers("representation.history")!.Span[..6].ToArray());
        }

        var history = run.Learners[0].Numbers("representation.history")!.Span.ToArray();
        Assert.Equal(rows[2].Concat(rows[1]), history);
        Assert.Equal([-1, -1], new[] { history[0], history[6] });
        Assert.Equal(Enumerable.Range(1, 5).MaxBy(j => history[j] + (double)history[6 + j]),
            run.Learners[0].Numbers("representation.partners")!.Span[0]);
    }

    // Each node finds seven numbers of each of five others, the same that choose partners under each metric; its
    // weights stay its own. What is noted is of the last combining only.
    [Fact(Timeout = 60_000)]
    public async Task With_all_metrics_nodes_note_each_and_average_with_nobody()
    {
        var run = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"metric\":\"all\",\"samples\":0}", "training.epochs=5");
        var one = new ToyRun("topology=fully-connected",
            "algorithm={\"name\":\"feddatarepr\",\"metric\":\"loss-inverse\",\"samples\":0}", "training.epochs=5");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);
        await one.Round(lanes, 0);

        var found = run.Learners[2].PeerScores;
        Assert.Equal(sent, run.Learners.Select(me => me.Weights));
        Assert.Equal(7 * 5, found.Count);
        Assert.Equal([0, 1, 3, 4, 5], found.Where(f => f.Measure == "cka").Select(f => f.Other));
        Assert.Equal(one.Learners[2].Numbers("representation.history")!.Span.ToArray().Where(v => v >= 0),
            found.Where(f => f.Measure == "loss-inverse").Select(f => (float)f.Value));
        Assert.Equal(1, found.Where(f => f.Measure == "loss-softmax").Sum(f => 1 - f.Value), 9);
        Assert.Empty(one.Learners[2].PeerScores);
        await run.Round(lanes, 1);
        Assert.Equal(7 * 5, run.Learners[2].PeerScores.Count);
    }
}
