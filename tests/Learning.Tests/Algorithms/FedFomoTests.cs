using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class FedFomoTests
{
    // (1 − 0.4)/2 = 0.3; a higher loss (1 − 1.5)/2 weighs below 0; an equal one 0; the same model 0.
    [Theory]
    [InlineData(0.4, 2, 0.3)]
    [InlineData(1.5, 2, -0.25)]
    [InlineData(1, 2, 0)]
    [InlineData(0.4, 0, 0)]
    [InlineData(double.NaN, 2, 0)]
    public void Weights_by_hand(double loss, double distance, double expected) =>
        Assert.Equal(expected, FedFomo.Weigh(1, loss, distance), 12);

    // θ + Σ ŵⱼ(θⱼ − θ) with ŵ of sum 1, from losses and distances that are measured here; and the affinity is the sum
    // of the weights.
    [Fact(Timeout = 60_000)]
    public async Task Two_rounds_from_measured_losses()
    {
        var run = new ToyRun("nodes=4", "topology=fully-connected", "algorithm={\"name\":\"fedfomo\",\"partners\":0}",
            "training.epochs=2", "training.validationFraction=0.4");
        await using var lanes = new TrainingLanes(1);
        var affinity = new double[4];
        var updates = 0;
        for (var round = 0; round < 2; round++)
        {
            var (r, start, sent) = (round, run.Learners[0].Weights, new ParameterVector[4]);
            await run.Round(lanes, round, (node, _, update) => sent[node] = update.Weights);

            var weights = await lanes.Run("test", (lane, stop) =>
            {
                var bench = new Workbench(run.Plan, lane, 0, r, stop);
                double Loss(ParameterVector w) => bench.Evaluate(w, bench.Validation).Loss;
                return sent.Select(w => (Loss(start) - Loss(w)) / Math.Sqrt(
                    Vectors.Dot(Vectors.Combine(w, 1, start, -1), Vectors.Combine(w, 1, start, -1)))).ToArray();
            });
            for (var j = 1; j < 4; j++) affinity[j] += weights[j];
            var sum = weights.Sum(w => Math.Max(w, 0));
            var expected = start;
            if (sum > 0)
                for (var j = 0; j < 4; j++)
                    expected = Vectors.Combine(expected, 1, Vectors.Combine(sent[j], 1, start, -1),
                        Math.Max(weights[j], 0) / sum);
            AlgorithmLaws.Near(expected, run.Learners[0].Weights, 1e-5);
            if (sum > 0) updates++;
        }
        Assert.True(updates > 0);
        Assert.Equal(affinity.Select(a => Math.Round(a, 4)),
            run.Learners[0].Numbers("fedfomo.affinity")!.Span.ToArray().Select(a => Math.Round((double)a, 4)));
    }

    [Fact]
    public void It_needs_validation_samples() =>
        Assert.Contains("set training.validationFraction", Assert.Single(Assert.Throws<ExperimentException>(
            () => Toy.Experiment("algorithm=fedfomo", "training.validationFraction=0")).Errors).Message);
}
