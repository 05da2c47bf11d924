using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// Logistic regression on one image of one pixel of value 1 and label 0, from weights (w0, w1, b0, b1), by hand.
/// On both engines. With all logits equal the probabilities are ½, so the gradient is (-½, ½) for weights and
/// biases alike.
/// </summary>
public class LocalObjectiveTests
{
    private const int Timeout = 60_000;

    // (255/255 - 0) / 1 = 1
    private static readonly ImageSet OnePixel = new([255], [0], new(1, 1, 1), new PixelScale(255, [0.0], [1.0]));

    [Fact(Timeout = Timeout)]
    public async Task Without_additional_terms_a_step_descends_the_loss()
    {
        // w = 0 - 0.5·(-½, ½, -½, ½)
        Assert.Equal(new[] { 0.25f, -0.25f, 0.25f, -0.25f }, await Train([0, 0, 0, 0], 1, LocalObjective.None));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_shift_is_added_to_every_gradient()
    {
        // g = (-½, ½, -½, ½) + (1, 0, 0, -½) = (½, ½, -½, 0); w = -0.5·g
        var objective = new LocalObjective(Shift: ParameterVector.Own([1, 0, 0, -0.5f]));

        Assert.Equal(new[] { -0.25f, -0.25f, 0.25f, 0 }, await Train([0, 0, 0, 0], 1, objective));
    }

    [Fact(Timeout = Timeout)]
    public async Task The_proximal_term_pulls_to_its_anchor()
    {
        // w = (2, 2, 0, 0): logits equal. Anchor (1, 2, 0, 4), μ = 0.5: pull = 0.5·(1, 0, 0, -4) = (½, 0, 0, -2)
        // g = (-½+½, ½, -½, ½-2) = (0, ½, -½, -1.5); w - 0.5·g = (2, 1.75, 0.25, 0.75)
        var objective = new LocalObjective(0.5f, ParameterVector.Own([1, 2, 0, 4]));

        Assert.Equal(new[] { 2f, 1.75f, 0.25f, 0.75f }, await Train([2, 2, 0, 0], 1, objective));
    }

    [Fact(Timeout = Timeout)]
    public async Task Both_terms_add_up()
    {
        // As above, with shift (1, 1, 1, 1): g = (1, 1.5, 0.5, -0.5); w - 0.5·g = (1.5, 1.25, -0.25, 0.25)
        var objective = new LocalObjective(0.5f, ParameterVector.Own([1, 2, 0, 4]), ParameterVector.Own([1, 1, 1, 1]));

        Assert.Equal(new[] { 1.5f, 1.25f, -0.25f, 0.25f }, await Train([2, 2, 0, 0], 1, objective));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_proximal_factor_of_zero_needs_no_anchor_and_changes_nothing()
    {
        Assert.Equal(await Train([0, 1, 0, 0], 3, LocalObjective.None),
            await Train([0, 1, 0, 0], 3, new LocalObjective(0)));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_proximal_term_without_an_anchor_is_an_error()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Train([0, 0, 0, 0], 1, new LocalObjective(0.5f)));
    }

    [Fact(Timeout = Timeout)]
    public async Task Terms_leave_batch_norm_statistics_alone()
    {
        var data = Testing.ToyData.Images(8, Lanes.Small, 2, 1);
        var job = Lanes.Job(Lanes.ResNet6, data, 2, new() { BatchSize = 0, Optimizer = Lanes.Sgd() });
        var layout = ParameterLayouts.LayoutOf(Lanes.ResNet6, data.Shape, 2);
        var shift = new float[layout.Length];
        Array.Fill(shift, 1);

        var plain = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job));
        var shifted = await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job with
        {
            Objective = new LocalObjective(Shift: ParameterVector.Own(shift)),
            Order = new Seeds(7).Stream("order", 0, 0),
        }));

        var trainable = layout.TrainableLength;
        Assert.Equal(plain.Weights.Span[trainable..].ToArray(), shifted.Weights.Span[trainable..].ToArray());
        Assert.NotEqual(plain.Weights.Span[..trainable].ToArray(), shifted.Weights.Span[..trainable].ToArray());
    }

    private static async Task<float[]> Train(float[] start, int steps, LocalObjective objective)
    {
        var settings = new TrainingSettings { Steps = steps, Optimizer = Lanes.Sgd(0.5) };
        var job = new LocalJob(Lanes.Logistic, Classes.Of(2), OnePixel, [0], settings, ParameterVector.Own(start),
            objective, OptimizerState.Fresh, new Seeds(1).Stream("order"));
        var torch = (await Lanes.On(lane => LocalTrainer.Train(lane.Torch, job))).Weights.Span.ToArray();
        using var engine = new DenseEngine();
        var dense = engine.Train(job with { Order = new Seeds(1).Stream("order") }).Weights.Span.ToArray();
        Assert.Equal(torch, dense, (a, b) => Math.Abs(a - b) < 1e-6); // several steps round; one is exact
        if (steps == 1) Assert.Equal(torch, dense);
        return torch;
    }
}
