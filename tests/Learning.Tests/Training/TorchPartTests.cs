using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>
/// Layers of libtorch that work for themselves, worked out by hand on the network of
/// <see cref="Dense.DensePartTests"/>.
/// </summary>
public class TorchPartTests
{
    private static readonly Component<Model> Model = new("mlp", new Mlp.Options { Hidden = [1, 2] });

    private static readonly TrainingSettings Settings =
        new() { Optimizer = new("sgd", new Sgd.Options { LearningRate = 0.5 }), Engine = EngineChoice.Torch };

    // Layers of one pixel to 1, 1 to 2, 2 to 2 classes: 2, 4 and 6 values.
    private static readonly ParameterVector Weights = ParameterVector.Own([0, 0, 2, -3, 1, 0, 1, 0, 0, 1, 0, 0]);

    [Fact]
    public Task The_middle_layer_hands_on_both_ways_and_moves() => On(1, 2, part =>
    {
        part.Begin(1);
        part.Read([3f]);
        var forward = part.Forward();
        // the layer behind takes -0.25 for its first input; its second, which ReLU cut, none
        part.Backward([-0.25f, 0f]);

        Assert.Equal([7f, 0f], forward); // 2·3 + 1 = 7; -3·3 + 0 = -9, cut
        Assert.Equal([-0.5f], part.Errors()); // 2·-0.25
        // Errors are gradients: the step is -½ of -0.25·3, and of -0.25. Layers of other parts are zeros.
        Assert.Equal([0, 0, 2 + 0.375f, -3, 1 + 0.125f, 0, 0, 0, 0, 0, 0, 0], Whole(part));
    });

    [Fact]
    public Task The_last_layer_scores_and_hands_back() => On(2, 3, part =>
    {
        part.Begin(1);
        part.Read([5f, 5f]);
        part.Forward();
        part.Backward(new ClassLabels([1]), [0]);

        // Scores 5 and 5: each has ½, so the gradient is (½, -½); the step is -½ of it, times 5 for the weights.
        Assert.Equal([0.5f, -0.5f], part.Errors());
        Assert.Equal([0, 0, 0, 0, 0, 0, 1 - 1.25f, -1.25f, 1.25f, 1 + 1.25f, -0.25f, 0.25f], Whole(part));
        Assert.Equal(Math.Log(2), part.Metrics.Loss, 6);
        Assert.Equal(1, part.Metrics.Samples);
    });

    [Fact]
    public Task A_test_gives_what_training_gives_and_moves_nothing() => On(1, 2, part =>
    {
        part.Read([3f, -2f]);

        Assert.Equal([7f, 0f, 0f, 6f], part.Test()); // 2·-2 + 1 = -3, cut; -3·-2 = 6
        Assert.Equal([0, 0, 2, -3, 1, 0, 0, 0, 0, 0, 0, 0], Whole(part));
        Assert.Equal(Math.Log(2), part.Score([1f, 1f, 4f, 4f], new ClassLabels([0, 1]), [0, 1]).Loss, 5);
    });

    // What has no weights goes with the layer before it: ReLU, pooling, the mean of the last maps.
    [Theory]
    [InlineData("cnn", 28, 0, 28 * 28, 32 * 14 * 14)]
    [InlineData("cnn", 28, 1, 32 * 14 * 14, 64 * 7 * 7)]
    [InlineData("cnn", 28, 2, 64 * 7 * 7, 512)]
    [InlineData("cnn", 28, 3, 512, 10)]
    [InlineData("resnet6", 32, 0, 32 * 32, 16 * 32 * 32)]
    [InlineData("resnet6", 32, 3, 16 * 32 * 32, 32 * 16 * 16)]
    [InlineData("resnet6", 32, 5, 64 * 8 * 8, 128)]
    [InlineData("resnet6", 32, 6, 128, 10)]
    public Task A_layer_knows_what_crosses_before_and_behind_it(
        string model, int size, int layer, int before, int behind)
    {
        var part = new PartOfModel(new(model, null), new SampleShape(1, size, size), Classes.Of(10), layer, layer + 1);
        var length = ParameterLayouts.LayoutOf(part.Model, part.Input, 10).Length;

        return Lanes.On(_ =>
        {
            using var layers = ModelParts.Of(part, ParameterVector.Zeros(length), Settings);
            Assert.Equal((before, behind), (layers.Inputs, layers.Outputs));
            return true;
        });
    }

    private static Task<bool> On(int from, int to, Action<ModelPart> test) => Lanes.On(_ =>
    {
        using var part = ModelParts.Of(new PartOfModel(Model, new SampleShape(1, 1, 1), Classes.Of(2), from, to),
            Weights, Settings);
        Assert.IsType<TorchPart>(part);
        test(part);
        return true;
    });

    private static float[] Whole(ModelPart part)
    {
        var whole = new float[12];
        part.Put(whole);
        return whole;
    }
}
