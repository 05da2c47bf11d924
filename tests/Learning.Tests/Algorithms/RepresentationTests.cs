using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class RepresentationTests
{
    // x = (1, 0, −1), y = (1, 1, −2), both of mean 0: (xᵀy)²/(xᵀx·yᵀy) = 9/(2·6). Shifted and stretched ones are alike; (1, −2, 1) is orthogonal to x; constants are like nothing.
    [Theory]
    [InlineData(new double[] { 1, 1, -2 }, 0.75)]
    [InlineData(new double[] { 7, 5, 3 }, 1)]
    [InlineData(new double[] { 1, -2, 1 }, 0)]
    [InlineData(new double[] { 4, 4, 4 }, 0)]
    public void Kernel_alignment_by_hand(double[] y, double expected) =>
        Assert.Equal(expected, SimilarityMeasures.KernelAlignment(Rows(1, 0, -1), Rows(y)), 12);

    // x = (0, 1, 2): centred distances (−10, 2, 8 | 2, −4, 2 | 8, 2, −10)/9, squares 360/81. y = (0, 1, 4): (−14, −2, 16 | −2, −8, 10 | 16, 10, −26)/9, squares 1656/81, products with
    // those of x 720/81. √(720/√(360·1656)) = 0.965663.
    [Theory]
    [InlineData(new double[] { 0, 1, 4 }, 0.965663)]
    [InlineData(new double[] { 5, 3, 1 }, 1)]
    [InlineData(new double[] { 4, 4, 4 }, 0)]
    public void Distance_correlation_by_hand(double[] y, double expected) =>
        Assert.Equal(expected, SimilarityMeasures.DistanceCorrelation(Rows(0, 1, 2), Rows(y)), 6);

    // p = (¼, ¾), q = (½, ½): KL(p ‖ q) = ¼·ln ½ + ¾·ln 1.5 = 0.130812, KL(q ‖ p) = ½·ln 2 + ½·ln ⅔ = 0.143841; with a second sample on which both agree, half of it.
    [Fact]
    public void Divergences_by_hand()
    {
        double[] p = [Math.Log(0.25), Math.Log(0.75)], q = [Math.Log(0.5), Math.Log(0.5)];

        Assert.Equal(0.130812, SimilarityMeasures.Divergence([p], [q]), 6);
        Assert.Equal(0.143841, SimilarityMeasures.Divergence([q], [p]), 6);
        Assert.Equal(0.130812 / 2, SimilarityMeasures.Divergence([p, q], [q, q]), 6);
        Assert.Equal(14, SimilarityMeasures.SquaredDistance([[1, 2], [3, 4]], [[2, 4], [0, 4]]), 12); // 1 + 4 + 9 + 0
    }

    // Of 2 and 5 both found something: (1 − 3)² + (4 − 3.5)². Of 7 only one did.
    [Fact]
    public void Disagreement_by_hand()
    {
        var mine = new Dictionary<int, double> { [2] = 1, [5] = 4, [7] = 9 };

        Assert.Equal(4.25, SimilarityMeasures.Disagreement(mine, new Dictionary<int, double> { [1] = 8, [2] = 3, [5] = 3.5 })!.Value, 12);
        Assert.Null(SimilarityMeasures.Disagreement(mine, new Dictionary<int, double> { [1] = 8 }));
    }

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
        var run = new ToyRun("topology=fully-connected", $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"{metric}\",\"samples\":0}}", "training.epochs=5");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);

        var distances = await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, 2, 0, stop);
            double[][] Logs(ParameterVector w) => [.. bench.Outputs(w, bench.Training).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[2]);
            return sent.Select(w => metric switch
            {
                "kl" => ModelDistance.KullbackLeibler(bench.Outputs(w, bench.Training).Span, bench.Outputs(sent[2], bench.Training).Span, 3),
                "kl-reversed" => ModelDistance.KullbackLeibler(bench.Outputs(sent[2], bench.Training).Span, bench.Outputs(w, bench.Training).Span, 3),
                "euclidean" => Logs(w).SelectMany(r => r).Zip(own.SelectMany(r => r), (a, b) => (a - b) * (a - b)).Sum(),
                "cka" => -SimilarityMeasures.KernelAlignment(own, Logs(w)),
                "distance-correlation" => -SimilarityMeasures.DistanceCorrelation(own, Logs(w)),
                _ => bench.Evaluate(w, bench.Training).Loss, // the less the loss, the less is taken from 1
            }).ToArray();
        });
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(i => distances[i]).Take(2).Append(2).Order().ToList();
        Assert.Equal(chosen.Where(i => i != 2).Select(i => (float)i), run.Learners[2].Numbers("representation.partners")!.Span.ToArray().Order());
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
    }

    // What node j finds of node 2 on its own samples, j's model being the one to be like, is what node 2 goes by; or how far what both find of third ones is apart.
    [Theory(Timeout = 60_000)]
    [InlineData("told-kl", "training")]
    [InlineData("told-kl", "public")]
    [InlineData("told-euclidean", "training")]
    [InlineData("pairwise-kl", "training")]
    public async Task What_others_find_and_tell_says_who_is_similar(string metric, string probe)
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
                [.. bench.Outputs(w, probe == "public" ? bench.Public : bench.Training).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[j]);
            return sent.Select(w => metric == "told-euclidean" ? SimilarityMeasures.SquaredDistance(own, Logs(w)) : SimilarityMeasures.Divergence(own, Logs(w))).ToArray();
        }).ToArray());
        double Apart(int j) => metric == "pairwise-kl"
            ? Enumerable.Range(0, 6).Where(k => k != 2 && k != j).Sum(k => Math.Pow(found[2][k] - found[j][k], 2))
            : found[j][2];
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(Apart).Take(2).Append(2).Order().ToList();
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
        Assert.Equal(2 * 64 * sizeof(float), bytes);
        Assert.DoesNotContain(run.Learners[2].Memory.Keys, k => k.Contains("model", StringComparison.Ordinal));
    }

    // One finding is told, of the most similar one: whom nobody tells of has similarity 0 to all, and the first ones are taken.
    [Fact(Timeout = 60_000)]
    public async Task Of_whom_nothing_is_told_counts_as_least_alike()
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"told-kl\",\"votes\":1,\"partners\":1}");
        await using var lanes = new TrainingLanes(1);
        var votes = new int[6];
        await run.Round(lanes, 0, (node, exchange, update) =>
        {
            if (exchange == 1) votes[node] = (int)update.Weights.Span[0];
        });

        for (var node = 0; node < 6; node++)
        {
            var voters = Enumerable.Range(0, 6).Where(v => v != node && votes[v] == node).Select(v => (float)v).ToList();
            var chosen = run.Learners[node].Numbers("representation.partners")!.Span[0];
            if (voters.Count == 0) Assert.Equal(node == 0 ? 1 : 0, chosen);
            else Assert.Contains(chosen, voters);
        }
    }

    // Two rounds are averaged, of three: the history holds two rows of six, the newest first; of itself a node says −1.
    [Fact(Timeout = 60_000)]
    public async Task Similarities_are_averaged_over_the_last_rounds()
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"cka\",\"runningAverage\":2,\"partners\":1}");
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
        Assert.Equal(Enumerable.Range(1, 5).MaxBy(j => history[j] + (double)history[6 + j]), run.Learners[0].Numbers("representation.partners")!.Span[0]);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"highest\",\"roundsPerSelection\":9", 1)]
    [InlineData("\"selection\":\"top\",\"topSize\":3,\"roundsPerSelection\":9", 1)]
    [InlineData("\"selection\":\"epsilon-greedy\",\"epsilon\":1", 2)]
    [InlineData("\"selection\":\"sampling\"", 2)]
    [InlineData("\"selection\":\"exponential\",\"temperature\":1000", 2)]
    public async Task Partners_are_kept_or_drawn_anew(string selection, int atLeast)
    {
        var run = new ToyRun("topology=fully-connected", $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"cka\",\"partners\":1,{selection}}}");
        await using var lanes = new TrainingLanes(1);
        var seen = new HashSet<float>();
        for (var round = 0; round < 8; round++)
        {
            await run.Round(lanes, round);
            seen.Add(run.Learners[0].Numbers("representation.partners")!.Span[0]);
        }

        Assert.True(atLeast == 1 ? seen.Count == 1 : seen.Count >= atLeast);
    }

    // Of five others, by place: the second and third; the last two where fewer come after; the lowest where a cold lower-exponential draws; the two highest of a top that grows to three in the third round only.
    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"place\",\"place\":2", new[] { 1, 2 })]
    [InlineData("\"selection\":\"place\",\"place\":5", new[] { 3, 4 })]
    [InlineData("\"selection\":\"lower-exponential\",\"temperature\":1e-9", new[] { 3, 4 })]
    [InlineData("\"selection\":\"lowest\"", new[] { 3, 4 })]
    [InlineData("\"selection\":\"top\",\"topSize\":2,\"topGrowth\":0.4", new[] { 0, 1 })]
    public async Task Partners_have_their_places(string selection, int[] places)
    {
        foreach (var chosen in (await Places(selection, 2, 2)).SelectMany(round => round)) Assert.Equal(places, chosen.Order());
    }

    // Place p of five is drawn by 5 − p, by p + 1, or alike: on average place 20/15, 40/15 or 2, each within 0.6. A top that grows by one a round has all five after three.
    [Theory(Timeout = 60_000)]
    [InlineData("\"selection\":\"linear\"", 20 / 15.0)]
    [InlineData("\"selection\":\"lower-linear\"", 40 / 15.0)]
    [InlineData("\"selection\":\"uniform\"", 2)]
    [InlineData("\"selection\":\"top\",\"topSize\":2,\"topGrowth\":9", 2)]
    public async Task Partners_are_drawn_by_place(string selection, double mean)
    {
        var places = (await Places(selection, 1, 8)).Skip(1).SelectMany(round => round).SelectMany(chosen => chosen).ToList();

        Assert.InRange(places.Average(), mean - 0.6, mean + 0.6);
        Assert.Equal(5, places.Distinct().Count());
    }

    // Two rounds alone, then two partners, though partners are chosen every ninth round only.
    [Fact(Timeout = 60_000)]
    public async Task In_the_first_rounds_there_are_other_numbers_of_partners()
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"firstRounds\":2,\"roundsPerSelection\":9}");
        var one = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"firstRounds\":1,\"firstPartners\":1,\"roundsPerSelection\":9}");
        await using var lanes = new TrainingLanes(1);
        var (sent, partners) = (new ParameterVector[6], new List<int>());
        for (var round = 0; round < 3; round++)
        {
            await run.Round(lanes, round, (node, _, update) => sent[node] = update.Weights);
            await one.Round(lanes, round);
            Assert.Equal(round < 2, run.Learners.All(me => me.Weights.Equals(sent[me.Index])));
            Assert.Equal(round < 2 ? null : 2, run.Learners[3].Numbers("representation.partners")?.Length);
            partners.Add(one.Learners[3].Numbers("representation.partners")!.Length);
        }

        Assert.Equal([1, 2, 2], partners);
    }

    [Fact]
    public void More_partners_in_the_first_rounds_than_there_are_others_are_refused() => Assert.Contains("set firstPartners to 5 or less", Assert.Single(
        Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm={\"name\":\"feddatarepr\",\"firstRounds\":1,\"firstPartners\":6}")).Errors).Message);

    /// <summary>By round and node, the places of its partners among the others, 0 = the most similar.</summary>
    private static async Task<List<int[][]>> Places(string selection, int partners, int rounds)
    {
        var run = new ToyRun("topology=fully-connected", $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"cka\",\"runningAverage\":1,\"partners\":{partners},{selection}}}");
        await using var lanes = new TrainingLanes(1);
        var places = new List<int[][]>();
        for (var round = 0; round < rounds; round++)
        {
            await run.Round(lanes, round);
            places.Add([.. run.Learners.Select(me =>
            {
                var row = me.Numbers("representation.history")!.Span.ToArray();
                var others = Enumerable.Range(0, 6).Where(j => j != me.Index).OrderByDescending(j => row[j]).ToList();
                return me.Numbers("representation.partners")!.Span.ToArray().Select(j => others.IndexOf((int)j)).ToArray();
            })]);
        }
        return places;
    }

    // Each node dreams of what it trained, and compares on its own dreams; or is told what others find on theirs.
    [Theory(Timeout = 60_000)]
    [InlineData("kl")]
    [InlineData("told-kl")]
    public async Task On_dreams_partners_are_the_most_similar(string metric)
    {
        var run = new ToyRun("topology=fully-connected", "training.epochs=5",
            $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"{metric}\",\"probe\":\"deep-inversion\",\"samples\":5,\"invEpochs\":20,\"alphaTv\":0.5}}");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, exchange, update) => sent[node] = exchange == 0 ? update.Weights : sent[node]);

        var apart = await lanes.Run("test", (lane, stop) => Enumerable.Range(0, 6).Select(j =>
        {
            var bench = new Workbench(run.Plan, lane, j, 0, stop);
            var inverted = bench.InvertedSamples(sent[j], new(5, 20, 0.1, 0.1, 0.5, 1e-7, 10), "representation/dreams");
            double[][] Logs(ParameterVector w) => [.. bench.OutputsOf(w, inverted).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[j]);
            return sent.Select(w => metric == "kl" ? SimilarityMeasures.Divergence(Logs(w), own) : SimilarityMeasures.Divergence(own, Logs(w))).ToArray();
        }).ToArray());
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(j => metric == "kl" ? apart[2][j] : apart[j][2]).Take(2).Append(2).Order().ToList();
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
    }

    [Theory]
    [InlineData("\"metric\":\"loss-inverse\"", "set metric to kl")]
    [InlineData("\"samples\":0", "set it to 1 or more")]
    public void What_dreams_cannot_say_is_refused(string options, string remedy) => Assert.Contains(remedy, Assert.Single(
        Assert.Throws<ExperimentException>(() => Toy.Experiment($"algorithm={{\"name\":\"feddatarepr\",\"probe\":\"deep-inversion\",{options}}}")).Errors).Message);

    // Each node finds seven numbers of each of five others, the same that choose partners under each metric; its weights stay its own. What is noted is of the last combining only.
    [Fact(Timeout = 60_000)]
    public async Task With_all_metrics_nodes_note_each_and_average_with_nobody()
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"all\",\"samples\":0}", "training.epochs=5");
        var one = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"loss-inverse\",\"samples\":0}", "training.epochs=5");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);
        await one.Round(lanes, 0);

        var found = run.Learners[2].PeerScores;
        Assert.Equal(sent, run.Learners.Select(me => me.Weights));
        Assert.Equal(7 * 5, found.Count);
        Assert.Equal([0, 1, 3, 4, 5], found.Where(f => f.Measure == "cka").Select(f => f.Other));
        Assert.Equal(one.Learners[2].Numbers("representation.history")!.Span.ToArray().Where(v => v >= 0), found.Where(f => f.Measure == "loss-inverse").Select(f => (float)f.Value));
        Assert.Equal(1, found.Where(f => f.Measure == "loss-softmax").Sum(f => 1 - f.Value), 9);
        Assert.Empty(one.Learners[2].PeerScores);
        await run.Round(lanes, 1);
        Assert.Equal(7 * 5, run.Learners[2].PeerScores.Count);
    }

    private static double[][] Rows(params double[] values) => [.. values.Select(v => new[] { v })];
}
