using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class ServerStepTests
{
    // β = 0.5. Round 0: Δ = (0.4 + 0.2)/2 = 0.3, v = 0.3. Round 1: Δ = 0.1, v = 0.15 + 0.1 = 0.25.
    [Fact]
    public void Momentum_at_the_server_goes_on_in_the_last_direction() =>
        Moves("{\"name\":\"fedavgm\",\"serverMomentum\":0.5}", 0.3, 0.55);

    // η = 2 goes twice as far: 0.6, then v = 0.25 as above, which is not scaled itself: 0.6 + 0.5.
    [Fact]
    public void The_server_takes_its_own_learning_rate() =>
        Moves("{\"name\":\"fedavgm\",\"serverMomentum\":0.5,\"serverLearningRate\":2}", 0.6, 1.1);

    // η = 0.2, β₁ = 0.5, β₂ = 0.75, τ = 0.1. Round 0: m = 0.15, v = 0.75·0.01 + 0.25·0.09 = 0.03:
    // 0.2·0.15/(√0.03 + 0.1) = 0.109809. Round 1: m = 0.075 + 0.05 = 0.125, v = 0.0225 + 0.0025 = 0.025:
    // 0.2·0.125/(√0.025 + 0.1) = 0.096857.
    [Fact]
    public void Adam_at_the_server() => Moves(Adaptive("fedadam", ",\"beta2\":0.75"), 0.109809, 0.206666);

    // Round 0: v = 0.01 - 0.25·0.09·sign(0.01 - 0.09) = 0.0325: 0.03/(√0.0325 + 0.1) = 0.107037.
    // Round 1: v = 0.0325 - 0.25·0.01·sign(0.0325 - 0.01) = 0.03: 0.025/(√0.03 + 0.1) = 0.091507.
    [Fact]
    public void Yogi_at_the_server() => Moves(Adaptive("fedyogi", ",\"beta2\":0.75"), 0.107037, 0.198544);

    // Round 0: v = 0.01 + 0.09 = 0.1: 0.03/(√0.1 + 0.1) = 0.072076. Round 1: v = 0.11, m = 0.125:
    // 0.025/(√0.11 + 0.1) = 0.057916.
    [Fact]
    public void Adagrad_at_the_server() => Moves(Adaptive("fedadagrad", ""), 0.072076, 0.129992);

    // Variances of BatchNorm are averaged, not stepped: with a momentum of 0.9 they would grow beyond their mean.
    [Fact]
    public void Buffers_are_means()
    {
        var run = new ToyRun("nodes=2", "algorithm=fedavgm", "model=resnet6");
        foreach (var round in new[] { 0, 1 })
        {
            run.Train(0, round, 0.4f, 1);
            run.Train(1, round, 0.2f, 1);
            run.Exchange(round, 0);
            run.Exchange(round, 1);
        }

        // 0.3 and then v = 0.27 + 0.3 for what is trained; 0.3 and 0.3 for buffers.
        var trained = run.Plan.Layout.TrainableLength;
        Assert.All(run.Moves(1)[..trained], m => Assert.Equal(0.87, m, 1e-5));
        Assert.All(run.Moves(1)[trained..], m => Assert.Equal(0.6, m, 1e-5));
    }

    private static string Adaptive(string name, string more) =>
        $"{{\"name\":\"{name}\",\"serverLearningRate\":0.2,\"beta1\":0.5,\"tau\":0.1{more}}}";

    /// <summary>Two nodes of equal size move by 0.4 and 0.2, then by 0.1 each.</summary>
    private static void Moves(string algorithm, double first, double second)
    {
        var run = new ToyRun("nodes=2", "algorithm=" + algorithm);
        foreach (var (round, moves, expected) in new[] { (0, new[] { 0.4f, 0.2f }, first), (1, [0.1f, 0.1f], second) })
        {
            run.Train(0, round, moves[0], 1);
            run.Train(1, round, moves[1], 1);
            run.Exchange(round, 0);
            run.Exchange(round, 1);

            Assert.All([0, 1], node => Assert.All(run.Moves(node), m => Assert.Equal(expected, m, 1e-5)));
        }
    }
}
