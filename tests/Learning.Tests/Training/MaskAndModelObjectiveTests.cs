using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// Masks on both engines, and objectives that compare with other models, by hand: one image of one pixel of value 1,
/// label 0, steps of ½.
/// </summary>
public class MaskAndModelObjectiveTests
{
    private const int Timeout = 60_000;
    private static readonly ImageSet OnePixel = new([255], [0], new(1, 1, 1), new PixelScale(255, [0.0], [1.0]));
    private static readonly Component<Model> Perceptron = new("mlp", new Mlp.Options { Hidden = [2] });

    // Without a mask w = (¼, -¼, ¼, -¼); see LocalObjectiveTests.
    [Fact(Timeout = Timeout)]
    public async Task What_is_masked_stays()
    {
        var trained = await OnBoth(Lanes.Logistic, [0, 0, 0, 0], 1, new() { Mask = ParameterVector.Own([1, 0, 1, 0]) });

        Assert.Equal([0.25f, 0, 0.25f, 0], trained.Weights.Span.ToArray());
    }

    // A whole slice that does not move is another path in libtorch's engine: here the two weights move, and the two
    // biases do not.
    [Fact(Timeout = Timeout)]
    public async Task A_slice_that_does_not_move_keeps_its_moments()
    {
        var moments = new OptimizerState(1, ParameterVector.Own([1, 1, 1, 1]), null);

        // m = 0.5·1 + g = 0.5 ± ½ = (0, 1), and stays 1 for the biases.
        var trained = await OnBoth(Lanes.Logistic, [0, 0, 0, 0], 1, new() { Mask = ParameterVector.Own([1, 1, 0, 0]) },
            0.5, moments);

        Assert.Equal([0, -0.5f, 0, 0], trained.Weights.Span.ToArray());
        Assert.Equal([0, 1, 1, 1], trained.Optimizer.First!.Span.ToArray());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_mask_of_ones_changes_no_bit()
    {
        var data = Testing.ToyData.Images(40, Lanes.Small, 3, 1);
        foreach (var (model, engine) in new[] { (Lanes.Mlp, "dense"), (Lanes.Mlp, "torch"), (Lanes.ResNet6, "torch") })
        {
            var job = Lanes.Job(model, data, 3,
                new() { BatchSize = 8, Engine = engine, Optimizer = Lanes.Sgd(0.1, 0.9, 0.01) });
            var ones = ParameterVector.Own([.. Enumerable.Repeat(1f, job.Start.Length)]);

            var plain = await Lanes.On(lane => lane.EngineFor(model, job.Settings).Train(job));
            var masked = await Lanes.On(lane => lane.EngineFor(model, job.Settings)
                .Train(job with { Objective = new() { Mask = ones }, Order = new Seeds(7).Stream("order", 0, 0) }));

            if (engine == "torch") Assert.Equal(plain.Weights, masked.Weights);
            else LocalTrainerTests.AssertClose(plain.Weights, masked.Weights, 1e-6);
        }
    }

    // Logits (0, 0), teacher's (ln 3, 0): p = (½, ½), q = (¾, ¼). The term's gradient in the logits is p - q = (-¼, ¼),
    // that of the loss (-½, ½). With T = 2 and weight 1: q = softmax(½·ln 3, 0) = (√3, 1)/(√3 + 1) = (0.633975, …), and
    // T²·(p - q)/T = 2·(-0.133975, …).
    [Theory(Timeout = Timeout)]
    [InlineData(1, 1, 0.375)]
    [InlineData(2, 1, 0.5)]
    [InlineData(1, 2, 0.383975)]
    public async Task A_teacher_draws_the_outputs_to_its_own(float weight, float temperature, double expected)
    {
        var objective =
            new LocalObjective { Distill = new(weight, temperature, ParameterVector.Own([MathF.Log(3), 0, 0, 0])) };

        var trained = await OnTorch(Lanes.Logistic, [0, 0, 0, 0], objective);

        Assert.Equal([expected, -expected, expected, -expected],
            trained.Select(w => (double)w), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    // Features (1, 1), towards (1, 0), away (0, 1): both cosines are 1/√2, so the term's slope in (c⁻ - c⁺)/τ is ½.
    // The gradient of c⁺ in the features is (1, -1)/(2√2), that of c⁻ the opposite: μ·½/τ·(-1, 1)/√2 = (-0.707107,
    // 0.707107) for τ = ½. The last layer is 0, so the loss has no gradient below it. A step of ½ takes weights and
    // offsets of the first layer to 0.5 ± 0.353553.
    [Fact(Timeout = Timeout)]
    public async Task Features_go_towards_one_model_and_away_from_another()
    {
        var objective = new LocalObjective
        {
            Contrast = new(1, 0.5f, ParameterVector.Own([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
                [ParameterVector.Own([0, 1, 0, 0, 0, 0, 0, 0, 0, 0])]),
        };

        var trained = await OnTorch(Perceptron, [0.5f, 0.5f, 0.5f, 0.5f, 0, 0, 0, 0, 0, 0], objective);

        Assert.Equal([0.853553, 0.146447, 0.853553, 0.146447],
            trained[..4].Select(w => (double)w), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact(Timeout = Timeout)]
    public async Task Towards_and_away_from_the_same_model_is_no_term()
    {
        var data = Testing.ToyData.Images(24, Lanes.Small, 3, 1);
        var job = Lanes.Job(Lanes.Cnn, data, 3, new() { BatchSize = 8, Optimizer = Lanes.Sgd() });

        var plain = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job));
        var drawn = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job with
        {
            Objective = new() { Contrast = new(1, 0.5f, job.Start, [job.Start]) },
            Order = new Seeds(7).Stream("order", 0, 0),
        }));

        LocalTrainerTests.AssertClose(plain.Weights, drawn.Weights, 1e-6);
    }

    [Theory(Timeout = Timeout)]
    [InlineData("dense")]
    [InlineData("torch")]
    public async Task Outputs_and_gradients_are_those_of_training(string engine)
    {
        var data = Testing.ToyData.Images(130, Lanes.Small, 3, 1);
        var job = Lanes.Job(Lanes.Mlp, data, 3, new() { BatchSize = 0, Engine = engine, Optimizer = Lanes.Sgd(0.5) });
        var evaluation = new EvaluationJob(Lanes.Mlp, Classes.Of(3), job.Start, data);

        var (trained, gradient, outputs, score) = await Lanes.On(lane =>
        {
            var at = lane.EngineFor(Lanes.Mlp, job.Settings);
            return (at.Train(job), at.Gradient(evaluation, job.Indices), at.Outputs(evaluation, job.Indices),
                at.Evaluate(evaluation, job.Indices));
        });

        LocalTrainerTests.AssertClose(trained.Weights, Vectors.Combine(job.Start, 1, gradient, -0.5), 1e-6);
        Assert.Equal(3 * 130, outputs.Length);
        var correct = Enumerable.Range(0, 130)
            .Count(i => Classification.Best(outputs.Span.Slice(3 * i, 3)) == data.Labels[i]);
        Assert.Equal(score.Correct, correct);
    }

    private static async Task<float[]> OnTorch(Component<Model> model, float[] start, LocalObjective objective) =>
        (await Lanes.On(lane => LocalTrainer.Train(lane.Torch,
            Job(model, start, 1, objective, 0, OptimizerState.Fresh)))).Weights.Span.ToArray();

    private static async Task<LocalResult> OnBoth(Component<Model> model, float[] start, int steps,
        LocalObjective objective, double momentum = 0, OptimizerState? moments = null)
    {
        var torch = await Lanes.On(lane => LocalTrainer.Train(lane.Torch,
            Job(model, start, steps, objective, momentum, moments ?? OptimizerState.Fresh)));
        using var engine = new DenseEngine();
        var dense = engine.Train(Job(model, start, steps, objective, momentum, moments ?? OptimizerState.Fresh));
        Assert.Equal(torch.Weights.Span.ToArray(), dense.Weights.Span.ToArray());
        Assert.Equal(torch.Optimizer.First?.Span.ToArray(), dense.Optimizer.First?.Span.ToArray());
        return dense;
    }

    private static LocalJob Job(Component<Model> model, float[] start, int steps, LocalObjective objective,
        double momentum, OptimizerState moments) =>
        new(model, Classes.Of(2), OnePixel, [0],
            new TrainingSettings { Steps = steps, Optimizer = Lanes.Sgd(0.5, momentum) },
            ParameterVector.Own(start), objective, moments, new Seeds(1).Stream("order"));
}
