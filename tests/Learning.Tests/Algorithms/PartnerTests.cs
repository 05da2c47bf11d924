using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Similarity, FedVal, FedWeight: nodes that choose partners by the models that they receive.</summary>
public class PartnerTests
{
    // Moves 0, 1, 3, 7: the closest to 0 is 1, to 1 is 0 (1 < 2), to 3 is 1 (2 < 3, 4), to 7 is 3. Means:
    // 0.5, 0.5, 2, 5.
    [Theory]
    [InlineData("{\"name\":\"feddynamic\",\"partners\":1}")]
    [InlineData("{\"name\":\"fedweight\",\"partners\":1,\"metric\":\"inverse-l2\"}")]
    public void Each_node_averages_with_the_closest(string algorithm)
    {
        var run = Moved(algorithm);

        run.Exchange(0, 0);

        Assert.Equal([0.5f, 0.5f, 2, 5], Enumerable.Range(0, 4).Select(run.Moved));
    }

    // Layout of a (2 values) and b (1 value), and a buffer: differences (3, 4), 2 and 1: by tensor 5 + 2 + 1, Euclidean
    // √29. (1, 0, 0) and (1, 1, 0) make 45°. Shares (¼, ¾) of scores (0, ln 3), (½, ½) of (2, 2): KL = ¼·ln ½ + ¾·ln
    // 1.5 = 0.130812.
    [Fact]
    public void Distances_by_hand()
    {
        var layout = new ParameterLayout([new("a", [2], 0, true), new("b", [1], 2, true), new("c", [1], 3, false)]);
        var (x, y) = (ParameterVector.Own([1, 1, 1, 1]), ParameterVector.Own([4, 5, 3, 2]));

        Assert.Equal(8, ModelDistance.ByTensor(x, y, layout), 12);
        Assert.Equal(Math.Sqrt(29), ModelDistance.Euclidean(x, y, layout), 12);
        Assert.Equal(Math.Sqrt(0.5),
            ModelDistance.Cosine(ParameterVector.Own([1, 0, 0, 9]), ParameterVector.Own([1, 1, 0, -9]), layout), 12);
        Assert.Equal(0.130812, ModelDistance.KullbackLeibler([0, MathF.Log(3)], [2, 2], 2), 6);
        Assert.Equal(0.130812 / 2, ModelDistance.KullbackLeibler([0, MathF.Log(3), 5, 5], [2, 2, 1, 1], 2), 6);
    }

    // The bench's results for the received models and for the node's own decide who is chosen.
    [Theory(Timeout = 60_000)]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"loss\"}", "loss")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"output-l2\"}", "l2")]
    [InlineData("{\"name\":\"similarity\",\"metric\":\"output-kl\",\"probe\":\"validation\"}", "kl")]
    [InlineData("fedval", "loss")]
    [InlineData("{\"name\":\"fedval\",\"selection\":\"highest\"}", "-loss")]
    public async Task Partners_are_chosen_by_the_nodes_samples(string algorithm, string metric)
    {
        var run = new ToyRun("topology=fully-connected", $"algorithm={algorithm}", "training.epochs=5");
        var sent = new Dictionary<int, ParameterVector>();
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);

        foreach (var me in run.Learners)
        {
            var distances = await lanes.Run("test", (lane, stop) =>
            {
                var bench = new Workbench(run.Plan, lane, me.Index, 0, stop);
                double Loss(ParameterVector w) => bench.Evaluate(w, bench.Training).Loss;
                double Apart(ParameterVector w) =>
                    ModelDistance.Euclidean(bench.Outputs(sent[me.Index], bench.Training).Span,
                        bench.Outputs(w, bench.Training).Span);
                double Divergence(ParameterVector w) =>
                    ModelDistance.KullbackLeibler(bench.Outputs(sent[me.Index], bench.Validation).Span,
                        bench.Outputs(w, bench.Validation).Span, 3);
                return sent.ToDictionary(t => t.Key, t => metric switch
                {
                    "loss" => Loss(t.Value),
                    "-loss" => -Loss(t.Value),
                    "l2" => Apart(t.Value),
                    _ => Divergence(t.Value),
                });
            });
            var chosen = distances.Where(d => d.Key != me.Index).OrderBy(d => d.Value).Take(2).Select(d => d.Key)
                .Append(me.Index).Order();
            Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), me.Weights);
        }
    }

    // On a line at 0, 1, 10, 11 there are two clusters, for any first draw of k-means.
    [Fact]
    public void Clusters_by_hand()
    {
        double[][] squared = [
            .. new[] { 0.0, 1, 10, 11 }.Select(a => new[] { 0.0, 1, 10, 11 }.Select(b => (a - b) * (a - b)).ToArray())];

        for (var seed = 0; seed < 10; seed++)
        {
            var labels = PairwiseClusters.KMeans(squared, 2, new Seeds(seed).Stream("test"));
            Assert.True(labels[0] == labels[1] && labels[2] == labels[3] && labels[0] != labels[2]);
        }
        // between 0 and 1, and 10 and 11, a millionth decides
        Assert.Equal([1, 1, 2, 2], PairwiseClusters.AffinityPropagation(squared));
        Assert.Single(PairwiseClusters.KMeans([[0, 0], [0, 0]], 2, new Seeds(1).Stream("test")).Distinct());
        Assert.Single(PairwiseClusters.AffinityPropagation([[0, 0], [0, 0]]).Distinct());
    }

    // Moves 0, 1, 10, 11: clusters at 0.5 and 10.5.
    [Theory]
    [InlineData("k-means", 0)]
    [InlineData("affinity-propagation", 0)]
    [InlineData("affinity-propagation", 2)]
    public void Partners_are_of_the_own_cluster(string clustering, int partners)
    {
        var run = new ToyRun("nodes=4", "topology=fully-connected",
            $"algorithm={{\"name\":\"similarity\",\"clustering\":\"{clustering}\",\"partners\":{partners}}}");
        foreach (var (node, by) in new[] { 0f, 1, 10, 11 }.Index()) run.Train(node, 0, by, 1);

        run.Exchange(0, 0);

        Assert.Equal([0.5f, 0.5f, 10.5f, 10.5f], Enumerable.Range(0, 4).Select(run.Moved));
    }

    [Fact]
    public void Losses_make_no_clusters() => Assert.Contains("set metric to weights-l2",
        Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(
            "algorithm={\"name\":\"similarity\",\"metric\":\"loss\",\"clustering\":\"k-means\"}")).Errors).Message);

    [Theory]
    [InlineData("\"sampler\":\"softmax\",\"temperature\":0.000001", false)]
    [InlineData("\"sampler\":\"softmax\",\"temperature\":1000000", true)]
    [InlineData("\"sampler\":\"epsilon-greedy\",\"epsilon\":0", false)]
    [InlineData("\"sampler\":\"epsilon-greedy\",\"epsilon\":1", true)]
    public void Samplers_go_from_the_closest_to_any(string sampler, bool any)
    {
        var seen = new HashSet<float>();
        for (var round = 0; round < 20; round++)
        {
            var run = Moved($"{{\"name\":\"similarity\",\"partners\":1,{sampler}}}", round);
            run.Exchange(round, 0);
            seen.Add(run.Moved(0)); // with 1, 3 or 7
        }

        Assert.Equal(any ? [0.5f, 1.5f, 3.5f] : [0.5f], seen.Order());
    }

    // The node itself scores node 1 with 0.5 and node 2 with 0.8. Of 1: its own score 0.5; in place of node 1's own
    // score 0.5·0.5; node 2, trusted 0.8, sends 1: (0.5 + 0.25 + 0.8)/(1 + 0.5 + 0.8) = 1.55/2.3. Of 2: (0.8 + 0.64 +
    // 0.5·0.2)/(1 + 0.8 + 0.5) = 1.54/2.3. Their scores of themselves do not count.
    [Fact]
    public void Consensus_by_hand()
    {
        var agreed = FedWeight.Consensus(new Dictionary<int, float> { [1] = 0.5f, [2] = 0.8f },
            new Dictionary<int, IReadOnlyDictionary<int, float>>
            {
                [1] = new Dictionary<int, float> { [1] = 1, [2] = 0.2f },
                [2] = new Dictionary<int, float> { [1] = 1, [2] = 1 },
            });

        Assert.Equal(1.55 / 2.3, agreed[1], 6);
        Assert.Equal(1.54 / 2.3, agreed[2], 6);
    }

    // As without consensus: on a line, the scores of the others agree with those of the node. Two votes each: 2·2·4
    // bytes. No model is kept.
    [Fact]
    public void Consensus_takes_a_second_exchange_of_similarities()
    {
        var run = Moved(
            "{\"name\":\"fedweight\",\"partners\":1,\"metric\":\"inverse-l2\",\"consensus\":true,\"votes\":2}");

        run.Exchange(0, 0);
        Assert.Equal([0f, 1, 3, 7], Enumerable.Range(0, 4).Select(run.Moved));
        Assert.Equal(16, run.Learners[0].Compose(1).Bytes);
        run.Exchange(0, 1);

        Assert.Equal(0.5f, run.Moved(0));
        Assert.Equal(0.5f, run.Moved(1));
        Assert.All(run.Learners, me => Assert.All(me.Memory.Keys, k => Assert.True(LearnerState.IsNumbers(k))));
    }

    [Theory]
    [InlineData("similarity")]
    [InlineData("fedval")]
    [InlineData("fedweight")]
    [InlineData("fedran")]
    [InlineData("fedfomo")]
    public void More_partners_than_there_are_others_are_refused(string algorithm) =>
        Assert.Contains("set partners to 5 or less", Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment($"algorithm={{\"name\":\"{algorithm}\",\"partners\":6}}")).Errors).Message);

    [Fact]
    public void A_probe_of_validation_samples_needs_some() =>
        Assert.Contains("set training.validationFraction", Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm={\"name\":\"similarity\",\"metric\":\"loss\",\"probe\":\"validation\"}",
                "training.validationFraction=0")).Errors).Message);

    private static ToyRun Moved(string algorithm, int round = 0)
    {
        var run = new ToyRun("nodes=4", "topology=fully-connected", $"algorithm={algorithm}");
        foreach (var (node, by) in new[] { 0f, 1, 3, 7 }.Index()) run.Train(node, round, by, 1);
        return run;
    }
}
