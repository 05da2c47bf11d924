using Orleans.FL.Learning.Algorithms.Personalised;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class L2CTests
{
    // α of 0 and ln 3: shares ¼ and ¾. ∂L/∂w = (2, 6), mean 5: ¼·(2 − 5) = −0.75 and ¾·(6 − 5) = 0.75.
    [Fact]
    public void Softmax_and_its_gradient_by_hand()
    {
        var shares = L2C.Softmax([0, Math.Log(3)]);

        Assert.Equal([0.25, 0.75], shares.Select(s => Math.Round(s, 12)));
        Assert.Equal([-0.75, 0.75], L2C.ThroughSoftmax([0.25, 0.75], [2, 6]));
    }

    // ∂L/∂α as the algorithm has it, ⟨Δⱼ, ∇L⟩ through softmax, beside (L(α + ε) − L(α − ε))/2ε of the loss itself.
    [Fact(Timeout = 60_000)]
    public async Task The_gradient_is_that_of_finite_differences()
    {
        var run = new ToyRun("nodes=3", "topology=fully-connected", "algorithm=l2c", "training.epochs=5",
            "training.optimizer.learningRate=0.5", "training.validationFraction=0.4");
        var (start, sent) = (run.Plan.InitialWeights, new ParameterVector[3]);
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);
        double[] alpha = [0.3, -0.2, 0.5];

        await lanes.Run("test", (lane, stop) =>
        {
            var bench = new Workbench(run.Plan, lane, 0, 0, stop);
            ParameterVector At(double[] a) =>
                L2C.Softmax(a).Zip(sent).Aggregate(start, (sum, w) => Vectors.Combine(sum, 1, w.Second, w.First));
            var slope = bench.Gradient(At(alpha), bench.Validation);
            var gradient = L2C.ThroughSoftmax(L2C.Softmax(alpha), [.. sent.Select(u => Vectors.Dot(u, slope))]);
            for (var k = 0; k < 3; k++)
            {
                double Loss(double by) =>
                    bench.Evaluate(At([.. alpha.Select((a, i) => i == k ? a + by : a)]), bench.Validation).Loss;
                Assert.Equal((Loss(0.05) - Loss(-0.05)) / 0.1, gradient[k], 2e-4 + 0.02 * Math.Abs(gradient[k]));
            }
            Assert.Contains(gradient, g => Math.Abs(g) > 1e-3);
            return true;
        });
    }

    // All α are 1 at first: the first round takes the plain mean of the changes. Adam's first step is 0.1 in the
    // direction of the gradient, decay included: α is 0.9 or 1.1. Sharing weights is the same where all nodes
    // began alike.
    [Theory(Timeout = 60_000)]
    [InlineData("updates")]
    [InlineData("weights")]
    public async Task First_round_by_hand(string sharing)
    {
        var run = new ToyRun("nodes=3", "topology=fully-connected",
            $"algorithm={{\"name\":\"l2c\",\"sharing\":\"{sharing}\",\"alphaWeightDecay\":0}}",
            "training.validationFraction=0.4");
        var sent = new ParameterVector[3];
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, _, update) => sent[node] = update.Weights);

        var mean = ExactSum.WeightedMean([.. sent.Select(t => (t, 1.0))]);
        AlgorithmLaws.Near(sharing == "weights" ? mean : Vectors.Combine(run.Plan.InitialWeights, 1, mean, 1),
            run.Learners[0].Weights, 1e-6);
        Assert.All(run.Learners[0].Numbers("l2c.alpha")!.Span.ToArray(), a => Assert.Equal(0.1, Math.Abs(a - 1), 3));
    }

    [Fact(Timeout = 60_000)]
    public async Task After_some_rounds_the_best_others_are_kept()
    {
        var run = new ToyRun("nodes=4", "topology=fully-connected",
            "algorithm={\"name\":\"l2c\",\"keptAfter\":2,\"kept\":1}", "training.validationFraction=0.4");
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);
        Assert.Null(run.Learners[0].Numbers("l2c.kept"));
        await run.Round(lanes, 1);

        var (alpha, kept) = (run.Learners[0].Numbers("l2c.alpha")!.Span.ToArray(),
            run.Learners[0].Numbers("l2c.kept")!.Span.ToArray());
        var best = Enumerable.Range(1, 3).MaxBy(i => alpha[i]);
        Assert.Equal(Enumerable.Range(0, 4).Select(i => i == 0 || i == best ? 1f : 0), kept);

        var (start, sent) = (run.Learners[0].Weights, new ParameterVector[4]);
        await run.Round(lanes, 2, (node, _, update) => sent[node] = update.Weights);
        var shares = L2C.Softmax([alpha[0], alpha[best]]);
        AlgorithmLaws.Near(Vectors.Combine(Vectors.Combine(start, 1, sent[0], shares[0]), 1, sent[best], shares[1]),
            run.Learners[0].Weights, 1e-6);
    }

    [Fact]
    public void More_kept_than_there_are_others_are_refused() =>
        Assert.Contains("set kept to 5 or less", Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm={\"name\":\"l2c\",\"keptAfter\":2,\"kept\":6}")).Errors).Message);
}
