using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class FedAvgTests
{
    // Sizes 10, 20, 30 minus a fifth for validation: 8, 16, 24 samples. Moves 1, 2, 4: (8 + 32 + 96) / 48 = 2.83333.
    [Fact]
    public void The_server_averages_by_number_of_samples()
    {
        var run = new ToyRun("nodes=3", "partitioner={\"name\":\"iid\",\"sizes\":[10,20,30]}");
        run.Train(0, 0, 1, 1);
        run.Train(1, 0, 2, 1);
        run.Train(2, 0, 4, 1);

        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.All([0, 1, 2], node => Assert.Equal(2.83333f, run.Moved(node)));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_global_model_is_the_exact_mean_of_the_rounds_models_and_the_next_round_starts_from_it()
    {
        var run = new ToyRun();
        await using var lanes = new TrainingLanes(2);
        for (var round = 0; round < 3; round++)
        {
            var r = round;
            await Task.WhenAll(run.Learners.Select(me => lanes.Run("test", (lane, stop) => me.Train(lane, r, stop))));
            var clients = run.Learners.Select(me => me.Weights).ToArray();
            run.Exchange(round, 0);
            run.Exchange(round, 1);

            // Each value by itself, in 128-bit decimal-like exactness: doubles hold 24-bit values times 12
            // samples exactly.
            var samples = run.Learners.Select(me => run.Plan.TrainIndices(me.Index).Length).ToArray();
            for (var i = 0; i < run.Plan.Layout.Length; i++)
            {
                var mean = clients.Zip(samples, (c, n) => (decimal)c.Span[i] * n).Sum() / samples.Sum();
                Assert.Equal((double)mean, run.Learners[0].Weights.Span[i], 1e-7);
            }
            Assert.Equal(ExactSum.WeightedMean([.. clients.Zip(samples, (c, n) => (c, (double)n))]),
                run.Learners[0].Weights);
            Assert.All(run.Learners, me => Assert.Same(run.Learners[0].Weights, me.Weights));
            foreach (var me in run.Learners) me.Begin(round + 1);
            Assert.All(run.Learners, me => Assert.Same(run.Learners[0].Weights, me.RoundStart));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0.5, 3)]
    [InlineData(1, 6)]
    public void The_client_fraction_says_how_many_train(double fraction, int expected)
    {
        var plan = new ToyRun($"algorithm={{\"name\":\"fedavg\",\"clientFraction\":{fraction}}}").Plan;

        Assert.All(Enumerable.Range(0, 20),
            round => Assert.Equal(expected, Enumerable.Range(0, 6).Count(n => plan.Trains(n, round))));
    }

    [Fact]
    public void Over_many_rounds_every_node_takes_part()
    {
        var plan = new ToyRun("algorithm={\"name\":\"fedavg\",\"clientFraction\":0.3}").Plan;

        Assert.All(Enumerable.Range(0, 6),
            node => Assert.Contains(Enumerable.Range(0, 50), round => plan.Trains(node, round)));
    }

    [Fact]
    public void The_server_averages_those_alone_that_trained()
    {
        var run = new ToyRun("algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":10}");
        var trained = Enumerable.Range(0, 6).Where(n => run.Plan.Trains(n, 0)).ToArray();
        foreach (var node in trained) run.Train(node, 0, 3 * (Array.IndexOf(trained, node) + 1), 1);

        run.Exchange(0, 0);
        run.Exchange(0, 1);

        Assert.All(Enumerable.Range(0, 6), node => Assert.Equal(6, run.Moved(node))); // (3 + 6 + 9) / 3
    }

    // Fully connected with equal sizes: each node's own average is the server's average, except the last bits of the
    // weights 1/n.
    [Fact(Timeout = 60_000)]
    public async Task Fully_connected_has_the_models_of_the_star()
    {
        var star = await AlgorithmLaws.Run(["partitioner={\"name\":\"iid\",\"samplesPerNode\":15}"]);
        var complete = await AlgorithmLaws.Run(["partitioner={\"name\":\"iid\",\"samplesPerNode\":15}",
            "topology=fully-connected"]);

        AlgorithmLaws.Near(star.Weights[0], complete.Weights[3], 1e-6);
    }
}
