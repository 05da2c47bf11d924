using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class PartialAveragingTests
{
    // The toy's perceptron has fc1 (16·8 + 8 = 136 values) and fc2 (8·3 + 3 = 27). Moves 2 and 4: fc1 goes to
    // 3, fc2 stays.
    [Theory]
    [InlineData("fedper")]
    [InlineData("fedrep")]
    [InlineData("{\"name\":\"gossip\",\"averageLastLayer\":false}")]
    public void Last_layers_stay_and_are_not_sent(string algorithm)
    {
        var run = new ToyRun("nodes=2", "algorithm=" + algorithm);
        run.Train(0, 0, 2, 1);
        run.Train(1, 0, 4, 1);

        for (var e = 0; e < run.Plan.Exchanges.Count; e++) run.Exchange(0, e);

        Assert.All([0, 1], node => Assert.All(run.Moves(node)[..136], m => Assert.Equal(3, m, 1e-5)));
        Assert.All(run.Moves(0)[136..], m => Assert.Equal(2, m, 1e-5));
        Assert.All(run.Moves(1)[136..], m => Assert.Equal(4, m, 1e-5));
        Assert.Equal(136 * 4, run.Learners[0].Compose(0).Bytes);
    }

    [Fact]
    public void BatchNorm_stays_with_its_statistics()
    {
        var run = new ToyRun("nodes=2", "algorithm=fedbn", "model=resnet6");
        run.Train(0, 0, 2, 1);
        run.Train(1, 0, 4, 1);

        run.Exchange(0, 0);
        run.Exchange(0, 1);

        var (moves, own) = (run.Moves(1), 0);
        foreach (var slice in run.Plan.Layout.Slices)
        {
            var stays = slice.Name.Contains("bn", StringComparison.Ordinal)
                || slice.Name.Contains("shortcut.1.", StringComparison.Ordinal);
            if (stays) own += slice.Length;
            Assert.All(moves[slice.Offset..(slice.Offset + slice.Length)], m => Assert.Equal(stays ? 4 : 3, m, 1e-5));
        }
        Assert.Equal(4L * (run.Plan.Layout.Length - own), run.Learners[0].Compose(0).Bytes);
        Assert.True(own > 0);
    }

    [Fact]
    public void A_model_that_is_nothing_but_a_last_layer_is_refused()
    {
        var refusal = Assert.Throws<ExperimentException>(() =>
            new ToyRun("algorithm=fedper", "model=logistic-regression"));

        Assert.Contains("nothing to send", Assert.Single(refusal.Errors).Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task FedRep_trains_the_head_on_the_body_as_it_came_and_then_the_body_alone()
    {
        var run = new ToyRun("nodes=2", "algorithm={\"name\":\"fedrep\",\"headEpochs\":3}");
        var (plan, me) = (run.Plan, run.Learners[0]);
        var head = LayoutPart.LastLayers(plan.Layout, 1);
        await using var lanes = new TrainingLanes(1);

        var result = await lanes.Run("run", (lane, stop) => me.Train(lane, 0, stop));
        var expected = await lanes.Run("run", (lane, stop) =>
        {
            LocalResult Train(ParameterVector start, LayoutPart moving, int epochs, string order) =>
                lane.EngineFor(plan.Experiment.Model, me.Settings)
                    .Train(new(plan.Experiment.Model, plan.Outputs, plan.Data.Train, plan.TrainIndices(0),
                        me.Settings with { Epochs = epochs }, start, new() { Mask = moving.Mask }, OptimizerState.Fresh,
                        plan.Seeds.Stream(order, 0, 0)), stop);
            return Train(Train(plan.InitialWeights, head, 3, "order").Weights, head.Rest, 1, "fedrep/body").Weights;
        });

        Assert.Equal(expected, me.Weights);
        Assert.Equal(4 * 3, result.Steps); // 12 samples in batches of 4: three steps an epoch, three epochs and one
        Assert.Equal((3 + 1) * 12, result.Metrics.Samples);
    }
}
