using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class ChocoSgdTests
{
    // Two nodes, w = ½, one value sent, γ = ½. Node 0 moves value 5 by 3 and value 7 by 1; node 1 not at all.
    // Node 0 sends 3 at 5: x̂₀ = 3, x̂₁ = 0 there; x₀ = 3 + ½·½·(0 - 3) = 2.25 and 1 at 7, x₁ = ½·½·3 = 0.75.
    // Then nobody moves. x₀ - x̂₀ is -0.75 at 5 and 1 at 7: node 0 sends 1 at 7; node 1 sends 0.75 at 5. At 5: x₀ =
    // 2.25 + ¼·(0.75 - 3) = 1.6875, x₁ = 0.75 + ¼·(3 - 0.75) = 1.3125; at 7: x₀ = 1 - ¼ = 0.75, x₁ = ¼.
    [Fact]
    public void Two_rounds_by_hand()
    {
        var run = new ToyRun("nodes=2", "topology=fully-connected",
            "algorithm={\"name\":\"choco-sgd\",\"sent\":0.001,\"gamma\":0.5}");

        Train(run, 0, 0, (5, 3), (7, 1));
        Train(run, 1, 0);
        Assert.Equal(8, run.Learners[0].Compose(0).Bytes);
        run.Exchange(0, 0);
        Assert.Equal([2.25, 1], At(run, 0));
        Assert.Equal([0.75, 0], At(run, 1));

        Train(run, 0, 1);
        Train(run, 1, 1);
        run.Exchange(1, 0);
        Assert.Equal([1.6875, 0.75], At(run, 0));
        Assert.Equal([1.3125, 0.25], At(run, 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task All_values_with_a_full_step_are_gossip()
    {
        var choco = await AlgorithmLaws.Run(["topology=ring",
            "algorithm={\"name\":\"choco-sgd\",\"sent\":1,\"gamma\":1}"]);
        var gossip = await AlgorithmLaws.Run(["topology=ring", "algorithm=gossip"]);

        foreach (var (a, b) in gossip.Weights.Zip(choco.Weights)) AlgorithmLaws.Near(a, b, 1e-5);
    }

    private static void Train(ToyRun run, int node, int round, params (int At, float By)[] moves)
    {
        var me = run.Learners[node];
        me.Begin(round);
        var weights = me.Weights.Span.ToArray();
        foreach (var (at, by) in moves) weights[at] += by;
        me.Weights = ParameterVector.Own(weights);
        run.Algorithm.OnTrained(me, new LocalResult(me.Weights, OptimizerState.Fresh, MetricSums.Zero, 1));
    }

    private static double[] At(ToyRun run, int node) =>
        [.. new[] { 5, 7 }.Select(i => Math.Round(run.Moves(node)[i], 5))];
}
