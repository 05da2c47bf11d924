using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class MixingTests
{
    // Ring of 4, all degrees 2: each receives from itself and two neighbours by 1/3. Moves 3, 0, 0, 6:
    // node 0: (3 + 0 + 6)/3 = 3; node 1: (0 + 3 + 0)/3 = 1; node 2: (0 + 0 + 6)/3 = 2; node 3: (6 + 0 + 3)/3 = 3.
    [Fact]
    public void Gossip_on_a_ring_averages_three()
    {
        var run = Moved("gossip", "ring", 3, 0, 0, 6);

        Assert.Equal([3, 1, 2, 3], Enumerable.Range(0, 4).Select(run.Moved));
    }

    // Star of 4: degrees 3, 1, 1, 1, so each edge has 1/(1 + 3) = 1/4; the server keeps 1/4, a leaf 3/4. Moves 4, 0, 8,
    // 0: server: (4 + 0 + 8 + 0)/4 = 3; leaves: 4/4 + 0 = 1; 4/4 + 3/4·8 = 7; 1. The mean, 3, is kept.
    [Fact]
    public void Gossip_on_a_star_uses_Metropolis_Hastings_weights()
    {
        var run = Moved("gossip", "star", 4, 0, 8, 0);

        Assert.Equal([3, 1, 7, 1], Enumerable.Range(0, 4).Select(run.Moved));
    }

    // Uniform, as the original: the server receives from all by 1/4, a leaf itself and the server by 1/2.
    [Fact]
    public void Uniform_mixing_weighs_all_that_a_node_receives_alike()
    {
        var run = Moved("gossip", "{\"name\":\"star\",\"mixing\":\"uniform\"}", 4, 0, 8, 0);

        Assert.Equal([3, 2, 6, 2], Enumerable.Range(0, 4).Select(run.Moved));
    }

    [Fact(Timeout = 60_000)]
    public async Task Isolated_nodes_move_no_bytes_and_differ()
    {
        var run = await AlgorithmLaws.Run(["algorithm=isolated"]);

        Assert.All(run.Rounds, r => Assert.Equal(0, r.PayloadBytes));
        Assert.Equal(6, run.Weights.Distinct().Count());
    }

    [Fact(Timeout = 60_000)]
    public async Task Centralized_trains_once_on_all_data()
    {
        var run = await AlgorithmLaws.Run(["algorithm=centralized", "training.validationFraction=0"]);

        Assert.All(run.Rounds, r => Assert.Equal(6 * 15, r.Training.Samples));
        Assert.All(run.Rounds, r => Assert.Equal([0], r.Nodes.Where(n => n.Steps > 0).Select(n => n.Node)));
        Assert.Single(run.Weights.Distinct());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_zero_mu_is_fedavg()
    {
        var fedavg = await AlgorithmLaws.Run(["algorithm=fedavg"]);
        var fedprox = await AlgorithmLaws.Run(["algorithm={\"name\":\"fedprox\",\"mu\":0}"]);

        Assert.Equal(fedavg.WeightsSha256, fedprox.WeightsSha256);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_large_mu_holds_the_nodes_at_the_starting_point()
    {
        var loose = await AlgorithmLaws.Run(["algorithm=fedavg", "rounds=1", "training.epochs=5"]);
        var held = await AlgorithmLaws.Run(["algorithm={\"name\":\"fedprox\",\"mu\":9}", "rounds=1",
            "training.epochs=5"]);
        var start = new ToyRun().Plan.InitialWeights;

        double Distance(Orleans.FL.Learning.Parameters.ParameterVector w) =>
            w.Span.ToArray().Zip(start.Span.ToArray(), (a, b) => (double)(a - b) * (a - b)).Sum();
        Assert.True(Distance(held.Weights[0]) < 0.25 * Distance(loose.Weights[0]));
    }

    private static ToyRun Moved(string algorithm, string topology, params float[] moves)
    {
        var run = new ToyRun($"nodes={moves.Length}", $"algorithm={algorithm}", $"topology={topology}");
        for (var node = 0; node < moves.Length; node++) run.Train(node, 0, moves[node], 1);
        run.Exchange(0, 0);
        return run;
    }
}
