using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class IfcaTests
{
    [Fact(Timeout = 60_000)]
    public async Task Each_node_trains_the_model_of_the_least_loss_and_each_model_is_the_mean_of_those_who_chose_it()
    {
        var run = new ToyRun("algorithm={\"name\":\"ifca\",\"models\":3}",
            "partitioner={\"name\":\"label-sets\",\"labelsPerNode\":1,\"samplesPerNode\":15}");
        await using var lanes = new TrainingLanes(1);
        var models = Enumerable.Range(0, 3).Select(run.Plan.InitialWeightsOf).ToArray();
        Assert.Equal(3, models.Distinct().Count());
        for (var round = 0; round < 3; round++)
        {
            var best = await Task.WhenAll(
                run.Learners.Select(me => lanes.Run("run", (lane, _) => models.Index().MinBy(m => lane
                    .EngineFor(run.Plan.Experiment.Model, me.Settings)
                    .Evaluate(new(run.Plan.Experiment.Model, run.Plan.Outputs, m.Item, run.Plan.Data.Train),
                        run.Plan.TrainIndices(me.Index)).Loss).Index)));
            var sent = new Dictionary<int, Update>();

            await run.Round(lanes, round, (node, exchange, update) =>
            {
                if (exchange == 0) sent[node] = update;
            });

            Assert.Equal(best.Select(b => (float)b),
                sent.OrderBy(t => t.Key).Select(t => t.Value.AuxiliaryVectors["choice"].Span[0]));
            for (var k = 0; k < 3; k++)
            {
                var chose = sent.Where(t => best[t.Key] == k).Select(t => (t.Value.Weights, 1.0)).ToArray();
                if (chose.Length == 1) models[k] = chose[0].Weights;
                if (chose.Length > 1) models[k] = ExactSum.WeightedMean(chose);
            }
            Assert.All(run.Learners, me => Assert.Equal(models[best[me.Index]], me.Tested));
        }
    }

    [Fact]
    public void The_server_sends_all_models()
    {
        var run = new ToyRun("algorithm={\"name\":\"ifca\",\"models\":3}");

        Assert.Equal(3L * 4 * run.Plan.Layout.Length, run.Learners[0].Compose(1).Bytes);
        Assert.Equal(4L * run.Plan.Layout.Length + 4, run.Learners[1].Compose(0).Bytes);
    }
}
