using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training.TorchLoading;
using TorchSharp;
using Xunit;
using Parameter = TorchSharp.Modules.Parameter;

namespace Orleans.FL.Learning.Tests.Optimizers;

public class OptimizerTests
{
    private const int Length = 1_003; // not a multiple of the vector width
    private const int Steps = 20;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.9, 0)]
    [InlineData(0, 0.01)]
    [InlineData(0.9, 0.01)]
    public void Sgd_has_the_bits_of_torch(double momentum, double decay)
    {
        var ours = new Sgd(new() { LearningRate = 0.03, Momentum = momentum, WeightDecay = decay });

        var (a, b) = Race(ours, p => torch.optim.SGD(p, 0.03, momentum: momentum, weight_decay: decay));

        Assert.Equal(b, a);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Adam_is_torchs_within_rounding(double decay)
    {
        var ours = new Adam(new() { LearningRate = 0.01, WeightDecay = decay });

        var (a, b) = Race(ours, p => torch.optim.Adam(p, 0.01, weight_decay: decay));

        AssertClose(b, a);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void AdamW_is_torchs_within_rounding(double decay)
    {
        var ours = new AdamW(new() { LearningRate = 0.01, WeightDecay = decay });

        var (a, b) = Race(ours, p => torch.optim.AdamW(p, 0.01, weight_decay: decay));

        AssertClose(b, a);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_cut_between_slices_changes_no_bit(string name)
    {
        var optimizer = Named(name);
        var (whole, cut) = (new State(), new State());
        for (var step = 1; step <= 3; step++)
        {
            var gradient = Gradient(step);
            Step(optimizer, whole, gradient.ToArray(), 0, Length, step);
            var copy = gradient.ToArray();
            foreach (var (from, to) in new[] { (0, 7), (7, 24), (24, 40), (40, 1_000), (1_000, Length) })
                Step(optimizer, cut, copy, from, to, step);
        }

        Assert.Equal(whole.Weights, cut.Weights);
        Assert.Equal(whole.First, cut.First);
        Assert.Equal(whole.Second, cut.Second);
    }

    [Fact]
    public void A_step_of_sgd_is_what_the_formula_says()
    {
        // g = 0.5 + 0.5·2 = 1.5; m = 0.5·4 + 1.5 = 3.5; w = 2 - 0.25·3.5 = 1.125
        var (weights, gradient, momentum) = (new[] { 2f }, new[] { 0.5f }, new[] { 4f });

        new Sgd(new() { LearningRate = 0.25, Momentum = 0.5, WeightDecay = 0.5 })
            .Step(weights, gradient, momentum, [], 2);

        Assert.Equal(1.125f, weights[0]);
        Assert.Equal(3.5f, momentum[0]);
    }

    [Fact]
    public void The_first_step_of_adam_has_the_length_of_the_learning_rate()
    {
        // m/(1-β1) = g and √(v/(1-β2)) = |g|, so the step is -η·sign(g).
        var (weights, m, v) = (new[] { 1f, 1f }, new float[2], new float[2]);

        new Adam(new() { LearningRate = 0.25 }).Step(weights, new[] { 3f, -0.01f }, m, v, 1);

        Assert.Equal(0.75f, weights[0], 1e-5f);
        Assert.Equal(1.25f, weights[1], 1e-5f);
    }

    [Fact]
    public void Only_moments_that_are_needed_are_kept()
    {
        Assert.Empty(new Sgd(new()).Moments);
        Assert.Single(new Sgd(new() { Momentum = 0.5 }).Moments);
        Assert.Equal(2, new Adam(new()).Moments.Count);
    }

    public static TheoryData<string> All => ["sgd", "momentum", "adam", "adamw"];

    private static Optimizer Named(string name) => name switch
    {
        "sgd" => new Sgd(new() { WeightDecay = 0.1 }),
        "momentum" => new Sgd(new() { Momentum = 0.9 }),
        "adam" => new Adam(new() { WeightDecay = 0.1 }),
        _ => new AdamW(new()),
    };

    private static (float[] Ours, float[] Torchs) Race(
        Optimizer ours, Func<IEnumerable<Parameter>, torch.optim.Optimizer> torchs)
    {
        TorchRuntime.EnsureLoaded();
        return OnTorch(ours, torchs);
    }

    private static (float[] Ours, float[] Torchs) OnTorch(
        Optimizer ours, Func<IEnumerable<Parameter>, torch.optim.Optimizer> torchs)
    {
        using var scope = torch.NewDisposeScope();
        var state = new State();
        var parameter = new Parameter(torch.tensor(state.Weights));
        using var theirs = torchs([parameter]);
        for (var step = 1; step <= Steps; step++)
        {
            parameter.grad = torch.tensor(Gradient(step));
            theirs.step();
            Step(ours, state, Gradient(step), 0, Length, step);
        }
        return (state.Weights, parameter.detach().data<float>().ToArray());
    }

    private static void Step(Optimizer optimizer, State state, float[] gradient, int from, int to, int step)
    {
        var range = from..to;
        optimizer.Step(state.Weights.AsSpan()[range], gradient.AsSpan()[range],
            optimizer.Moments.Count > 0 ? state.First.AsSpan()[range] : [],
            optimizer.Moments.Count > 1 ? state.Second.AsSpan()[range] : [], step);
    }

    private static float[] Gradient(int step) => Normal($"gradient/{step}");

    private static float[] Normal(string purpose)
    {
        var stream = new Seeds(5).Stream(purpose);
        return [.. Enumerable.Range(0, Length).Select(_ => (float)stream.NextNormal())];
    }

    // Weights are about 1 and move by 0.01 a step: 20 steps, one rounding of 6e-8 each.
    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.InRange(expected.Zip(actual).Max(p => Math.Abs(p.First - p.Second)), 0, 1.2e-6f);

    private sealed class State
    {
        public float[] Weights { get; } = Normal("weights");
        public float[] First { get; } = new float[Length];
        public float[] Second { get; } = new float[Length];
    }
}
