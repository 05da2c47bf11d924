using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class ScaffoldTests
{
    // Two nodes, η = 0.1, K = 2 steps, all controls 0 at first.
    // Round 0: moves +0.4 and -0.2. cᵢ⁺ = (x - y)/(Kη): -0.4/0.2 = -2 and 0.2/0.2 = 1. x moves by (0.4 - 0.2)/2 = 0.1.
    // c = 0 + (2/2)·mean(-2, 1) = -0.5. Round 1: the shift of node 0 is c - c₀ = -0.5 + 2 = 1.5, of node 1
    // -0.5 - 1 = -1.5. Round 1: moves -0.1 and -0.1: c₀⁺ = -2 + 0.5 + 0.1/0.2 = -1; c₁⁺ = 1 + 0.5 + 0.5 = 2.
    // c = -0.5 + mean(1, 1) = 0.5.
    [Fact]
    public void Two_rounds_by_hand()
    {
        var run = new ToyRun("nodes=2", "algorithm=scaffold");

        run.Train(0, 0, 0.4f, 2);
        run.Train(1, 0, -0.2f, 2);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.Equal(0.1f, run.Moved(0));
        Assert.Equal(1.5f, Shift(run, 0));
        Assert.Equal(-1.5f, Shift(run, 1));

        run.Train(0, 1, -0.1f, 2);
        run.Train(1, 1, -0.1f, 2);
        run.Exchange(1, 0);
        run.Exchange(1, 1);

        Assert.Equal(0, run.Moved(1));
        Assert.Equal(0.5f + 1, Shift(run, 0));
        Assert.Equal(0.5f - 2, Shift(run, 1));
    }

    // One of two nodes trains (C = 0.5): x moves by the mean over S of one node, c by |S|/N = 1/2 of its change of -2.
    [Fact]
    public void A_node_that_did_not_train_counts_in_the_share_of_c()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"scaffold\",\"clientFraction\":0.5}");
        var trained = run.Plan.Trains(0, 0) ? 0 : 1;

        run.Train(trained, 0, 0.4f, 2);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.Equal(0.4f, run.Moved(0));
        Assert.Equal(-1 + 2, Shift(run, trained));
        Assert.Equal(-1, Shift(run, 1 - trained));
    }

    // ηg = 0.5: the server goes half the way to the mean of 0.4 and 0.2.
    [Fact]
    public void The_server_takes_its_own_learning_rate()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"scaffold\",\"globalLearningRate\":0.5}");

        run.Train(0, 0, 0.4f, 2);
        run.Train(1, 0, 0.2f, 2);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.Equal(0.15f, run.Moved(0));
        Assert.Equal(0.15f, run.Moved(1));
    }

    // ηg = 2 goes twice as far as the mean; variances are the mean of variances, and stay positive.
    [Fact(Timeout = 60_000)]
    public async Task Buffers_are_not_stepped_past_their_mean()
    {
        var run = await AlgorithmLaws.Run(["algorithm={\"name\":\"scaffold\",\"globalLearningRate\":2}",
            "model=resnet6", "nodes=2", "rounds=2", "training.batchSize=6"]);
        var plan = new ToyRun("model=resnet6", "nodes=2").Plan;

        foreach (var slice in plan.Layout.Slices.Where(s => s.Name.EndsWith("running_var", StringComparison.Ordinal)))
            Assert.All(run.Weights[0].Span.Slice(slice.Offset, slice.Length).ToArray(), v => Assert.True(v > 0));
    }

    [Fact]
    public void A_server_that_is_isolated_is_refused()
    {
        var refusal = Assert.Throws<ExperimentException>(() => Toy.Experiment(
            "algorithm=fedavg", "nodeOverrides=[{\"nodes\":[0],\"algorithm\":\"isolated\"}]"));

        Assert.Contains("Node 0 is the server", Assert.Single(refusal.Errors).Message);
    }

    [Fact]
    public void Momentum_is_refused_before_anything_starts()
    {
        var refusal = Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm=scaffold", "training.optimizer.momentum=0.9"));

        var error = Assert.Single(refusal.Errors);
        Assert.Equal("$.algorithm", error.Path);
        Assert.Contains("momentum 0", error.Message);
    }

    [Fact]
    public void It_does_not_mix_with_nodes_that_send_no_controls()
    {
        var refusal = Assert.Throws<ExperimentException>(() => Toy.Experiment(
            "algorithm=scaffold", "nodeOverrides=[{\"nodes\":[1],\"algorithm\":\"fedavg\"}]"));

        Assert.Equal("$.nodeOverrides[0].algorithm", Assert.Single(refusal.Errors).Path);
    }

    private static float Shift(ToyRun run, int node)
    {
        var shift = new Scaffold(new Scaffold.Options()).Objective(run.Learners[node]).Shift!;
        return ToyRun.Moved(shift, ParameterVector.Zeros(shift.Length));
    }
}
