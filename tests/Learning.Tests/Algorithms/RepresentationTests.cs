using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training;
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
        Assert.Equal(expected, Likeness.KernelAlignment(Rows(1, 0, -1), Rows(y)), 12);

    // x = (0, 1, 2): centred distances (−10, 2, 8 | 2, −4, 2 | 8, 2, −10)/9, squares 360/81. y = (0, 1, 4): (−14, −2, 16 | −2, −8, 10 | 16, 10, −26)/9, squares 1656/81, products with
    // those of x 720/81. √(720/√(360·1656)) = 0.965663.
    [Theory]
    [InlineData(new double[] { 0, 1, 4 }, 0.965663)]
    [InlineData(new double[] { 5, 3, 1 }, 1)]
    [InlineData(new double[] { 4, 4, 4 }, 0)]
    public void Distance_correlation_by_hand(double[] y, double expected) =>
        Assert.Equal(expected, Likeness.DistanceCorrelation(Rows(0, 1, 2), Rows(y)), 6);

    [Theory(Timeout = 60_000)]
    [InlineData("kl")]
    [InlineData("euclidean")]
    [InlineData("loss-inverse")]
    [InlineData("loss-softmax")]
    [InlineData("cka")]
    [InlineData("distance-correlation")]
    public async Task Partners_are_the_most_similar(string metric)
    {
        var run = new ToyRun("topology=fully-connected", $"algorithm={{\"name\":\"feddatarepr\",\"metric\":\"{metric}\",\"samples\":0}}", "training.epochs=5");
        var told = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => told[node] = update.Weights);

        var distances = await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, 2, 0, stop);
            double[][] Logs(ParameterVector w) => [.. bench.Outputs(w, bench.Training).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(told[2]);
            return told.Select(w => metric switch
            {
                "kl" => ModelDistance.KullbackLeibler(bench.Outputs(w, bench.Training).Span, bench.Outputs(told[2], bench.Training).Span, 3),
                "euclidean" => Logs(w).SelectMany(r => r).Zip(own.SelectMany(r => r), (a, b) => (a - b) * (a - b)).Sum(),
                "cka" => -Likeness.KernelAlignment(own, Logs(w)),
                "distance-correlation" => -Likeness.DistanceCorrelation(own, Logs(w)),
                _ => bench.Evaluate(w, bench.Training).Loss, // the less the loss, the less is taken from 1
            }).ToArray();
        });
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(i => distances[i]).Take(2).Append(2).Order().ToList();
        Assert.Equal(chosen.Where(i => i != 2).Select(i => (float)i), run.Learners[2].Numbers("representation.partners")!.Span.ToArray().Order());
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (told[i], 1.0))]), run.Learners[2].Weights);
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

    private static double[][] Rows(params double[] values) => [.. values.Select(v => new[] { v })];
}
