using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>Similarity on samples that deep inversion makes from a model.</summary>
public class RepresentationInversionTests
{
    // Each node inverts the model that it trained, and compares on its own samples; or receives the scores that others
    // computed on theirs.
    [Theory(Timeout = 60_000)]
    [InlineData("kl")]
    [InlineData("sent-kl")]
    public async Task On_inverted_samples_partners_are_the_most_similar(string metric)
    {
        var run = new ToyRun("topology=fully-connected", "training.epochs=5", "algorithm={\"name\":\"feddatarepr\","
            + $"\"metric\":\"{metric}\",\"probe\":\"deep-inversion\",\"samples\":5,\"invEpochs\":20,\"alphaTv\":0.5}}");
        var sent = new ParameterVector[6];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, exchange, update) => sent[node] = exchange == 0 ? update.Weights : sent[node]);

        var apart = await lanes.Run("test", (lane, stop) => Enumerable.Range(0, 6).Select(j =>
        {
            var bench = new Workbench(run.Plan, lane, j, 0, stop);
            var inverted = bench.InvertedSamples(sent[j], new(5, 20, 0.1, 0.1, 0.5, 1e-7, 10), "representation/dreams");
            double[][] Logs(ParameterVector w) =>
                [.. bench.OutputsOf(w, inverted).Span.ToArray().Chunk(3).Select(s => ModelDistance.LogSoftmax(s))];
            var own = Logs(sent[j]);
            return sent.Select(w => metric == "kl"
                ? SimilarityMeasures.Divergence(Logs(w), own)
                : SimilarityMeasures.Divergence(own, Logs(w))).ToArray();
        }).ToArray());
        var chosen = Enumerable.Range(0, 6).Where(i => i != 2).OrderBy(j => metric == "kl" ? apart[2][j] : apart[j][2])
            .Take(2).Append(2).Order().ToList();
        Assert.Equal(ExactSum.WeightedMean([.. chosen.Select(i => (sent[i], 1.0))]), run.Learners[2].Weights);
    }

    [Theory]
    [InlineData("\"metric\":\"loss-inverse\"", "set metric to kl")]
    [InlineData("\"samples\":0", "set it to 1 or more")]
    public void Options_that_deep_inversion_cannot_serve_are_refused(string options, string remedy) =>
        Assert.Contains(remedy, Assert.Single(Assert.Throws<ExperimentException>(() => Toy.Experiment(
            $"algorithm={{\"name\":\"feddatarepr\",\"probe\":\"deep-inversion\",{options}}}")).Errors).Message);
}
