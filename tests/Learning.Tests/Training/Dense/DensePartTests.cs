using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Jobs;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training.Dense;

/// <summary>Layers that work for themselves, worked out by hand.</summary>
public class DensePartTests
{
    private static readonly Component<Model> Model = new("mlp", new Mlp.Options { Hidden = [1, 2] });

    private static readonly TrainingSettings Settings =
        new() { Optimizer = new("sgd", new Sgd.Options { LearningRate = 0.5 }) };

    // Layers of one pixel to 1, 1 to 2, 2 to 2 classes: 2, 4 and 6 values.
    private static readonly ParameterVector Weights = ParameterVector.Own([0, 0, 2, -3, 1, 0, 1, 0, 0, 1, 0, 0]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_middle_layer_hands_on_both_ways_and_moves(bool wide)
    {
        var part = DensePart.Of(new PartOfModel(Model, new SampleShape(1, 1, 1), Classes.Of(2), 1, 2), Weights,
            Settings, wide);

        part.Begin(1);
        part.Read([3f]);
        var forward = part.Forward();
        // the layer behind takes -0.25 for its first input; its second, which ReLU cut, none
        part.Backward([-0.25f, 0f]);

        Assert.Equal([7f, 0f], forward); // 2·3 + 1 = 7; -3·3 + 0 = -9, cut
        Assert.Equal([-0.5f], part.Errors()); // 2·-0.25
        // errors bear the learning rate and its sign already
        Assert.Equal([2 - 0.25f * 3, -3, 1 - 0.25f, 0], part.Weights().Span.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_last_layer_scores_and_hands_back(bool wide)
    {
        var part = DensePart.Of(new PartOfModel(Model, new SampleShape(1, 1, 1), Classes.Of(2), 2, 3), Weights,
            Settings, wide);

        part.Begin(1);
        part.Read([5f, 5f]);
        part.Forward();
        part.Backward(new ClassLabels([1]), [0]);

        // Scores 5 and 5: each has ½, so the gradient is (½, -½), times -η = -½.
        Assert.Equal([-0.25f, 0.25f], part.Errors());
        Assert.Equal([1 - 0.25f * 5, -0.25f * 5, 0.25f * 5, 1 + 0.25f * 5, -0.25f, 0.25f],
            part.Weights().Span.ToArray());
        Assert.Equal(Math.Log(2), part.Metrics.Loss, 6);
    }

    [Fact]
    public void Parts_cover_the_model_and_know_their_ends()
    {
        PartOfModel[] parts = [.. Enumerable.Range(0, 3)
            .Select(l => new PartOfModel(Model, new SampleShape(1, 1, 1), Classes.Of(2), l, l + 1))];
        var whole = new float[12];

        foreach (var part in parts) part.Values.Put(part.Values.Take(Weights), whole);

        Assert.Equal(Weights.Span.ToArray(), whole);
        Assert.Equal([(true, false), (false, false), (false, true)], parts.Select(p => (p.First, p.Last)));
    }
}
