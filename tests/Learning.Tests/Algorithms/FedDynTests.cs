using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class FedDynTests
{
    // α = 0.5. Round 0: moves 0.4 and -0.2: g₀ = -0.2, g₁ = 0.1. Mean 0.1, h = -0.5·0.1 = -0.05, x = 0.1 - h/α = 0.2.
    // Round 1: moves -0.1 and -0.1 from there: g₀ = -0.2 + 0.05 = -0.15, h = -0.05 + 0.05 = 0, x = the mean = 0.1.
    [Fact]
    public void Two_rounds_by_hand()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"feddyn\",\"alpha\":0.5}");

        Round(run, 0, 0.4f, -0.2f);
        Assert.All(run.Moves(1), m => Assert.Equal(0.2, m, 1e-6));
        Assert.All(Shift(run, 0), s => Assert.Equal(0.2, s, 1e-6));
        Assert.All(Shift(run, 1), s => Assert.Equal(-0.1, s, 1e-6));

        Round(run, 1, -0.1f, -0.1f);
        Assert.All(run.Moves(0), m => Assert.Equal(0.1, m, 1e-6));
        Assert.All(Shift(run, 0), s => Assert.Equal(0.15, s, 1e-6));
    }

    // One of two nodes trains: h = -0.5·(1/2)·0.4 = -0.1, x = 0.4 + 0.2.
    [Fact]
    public void A_node_that_did_not_train_counts_in_the_mean_of_h()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"feddyn\",\"alpha\":0.5,\"clientFraction\":0.5}");
        run.Train(run.Plan.Trains(0, 0) ? 0 : 1, 0, 0.4f, 2);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.All(run.Moves(1), m => Assert.Equal(0.6, m, 1e-6));
    }

    [Fact]
    public void It_needs_a_server()
    {
        var error = Assert.Single(
            Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=feddyn", "topology=ring")).Errors);

        Assert.Contains("set topology to star", error.Message);
    }

    private static void Round(ToyRun run, int round, float first, float second)
    {
        run.Train(0, round, first, 2);
        run.Train(1, round, second, 2);
        run.Exchange(round, 0);
        run.Exchange(round, 1);
    }

    private static float[] Shift(ToyRun run, int node) =>
        new FedDyn(new FedDyn.Options()).Objective(run.Learners[node]).Shift!.Span.ToArray();
}
