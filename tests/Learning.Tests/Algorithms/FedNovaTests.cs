using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class FedNovaTests
{
    // 0.4 in 2 steps and -0.2 in 4: 0.2 and -0.05 a step, in the mean 0.075; τ_eff = (2 + 4)/2 = 3. So 0.225, where
    // fedavg goes 0.1.
    [Fact]
    public void A_node_that_takes_more_steps_does_not_pull_harder()
    {
        var run = new ToyRun("nodes=2", "algorithm=fednova");

        run.Train(0, 0, 0.4f, 2);
        run.Train(1, 0, -0.2f, 4);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.All([0, 1], node => Assert.All(run.Moves(node), m => Assert.Equal(0.225, m, 1e-6)));
    }

    // Sizes 10 and 30 less a fifth: 8 and 24, so p = 1/4 and 3/4. A step: 0.2 and 0.1; 0.05 + 0.075 = 0.125.
    // τ_eff = 2/4 + 3·4/4 = 3.5.
    [Fact]
    public void Nodes_count_by_their_samples()
    {
        var run = new ToyRun("nodes=2", "algorithm=fednova", "partitioner={\"name\":\"iid\",\"sizes\":[10,30]}");

        run.Train(0, 0, 0.4f, 2);
        run.Train(1, 0, 0.4f, 4);
        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.All(run.Moves(1), m => Assert.Equal(0.4375, m, 1e-6));
    }

    // Momentum ½: a gradient moves by 1 when it comes and by ½, ¼, … after: the first of 3 weighs 1.75, then 1.5, 1.
    // Sum 4.25. A proximal term with ημ = 0.1: 1 + 0.9 + 0.81.
    [Theory]
    [InlineData(3, 0, 0, 3)]
    [InlineData(3, 0.5, 0, 4.25)]
    [InlineData(3, 0, 0.1, 2.71)]
    [InlineData(0, 0.5, 0, 0)]
    public void Steps_weigh_what_they_moved(long steps, double momentum, double shrink, double expected) =>
        Assert.Equal(expected, FedNova.Norm(steps, momentum, shrink), 12);

    // Where nothing shrinks that a double could say, a step weighs 1, and with momentum the k-th from the end k: three
    // steps 1 + 2 + 3. With ημ = 10⁻¹⁰ two steps are 2 − 10⁻¹⁰; with momentum 1 − 10⁻¹⁰ they are 1 + (2 − 10⁻¹⁰).
    [Theory]
    [InlineData(7, 0, 3e-18, 7)]
    [InlineData(1_000_000, 0, 1e-300, 1_000_000)]
    [InlineData(2, 0, 1e-10, 2 - 1e-10)]
    [InlineData(3, 1 - 1e-16, 0, 6)]
    [InlineData(2, 1 - 1e-10, 0, 3 - 1e-10)]
    [InlineData(40, 1 - 1e-15, 0, 820)]
    public void Steps_that_hardly_shrink_weigh_what_they_moved(
        long steps, double momentum, double shrink, double expected) =>
        Assert.Equal(1, FedNova.Norm(steps, momentum, shrink) / expected, 1e-13);

    [Theory]
    [InlineData("training.optimizer=adam")]
    [InlineData("training.optimizer.momentum=0.9")]
    public void Steps_of_unknown_weight_are_refused(string setting)
    {
        var error = Assert.Single(
            Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=fednova", setting)).Errors);

        Assert.Contains("training.keepMoments", error.Message);
    }

    [Fact]
    public void Momentum_that_begins_anew_each_round_is_taken() =>
        Toy.Experiment("algorithm=fednova", "training.optimizer.momentum=0.9", "training.keepMoments=false");
}
