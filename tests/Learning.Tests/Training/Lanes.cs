using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.Lanes;

namespace Orleans.FL.Learning.Tests.Training;

/// <summary>What the tests of this room share.</summary>
internal static class Lanes
{
    public static readonly SampleShape Small = new(1, 8, 8);
    public static readonly Component<Model> Logistic = new("logistic-regression", null);
    public static readonly Component<Model> Mlp = new("mlp", new Mlp.Options { Hidden = [20, 13] });
    public static readonly Component<Model> Cnn = new("cnn", null);
    public static readonly Component<Model> ResNet6 = new("resnet6", null);

    /// <summary>Runs work on a lane of its own.</summary>
    public static async Task<T> On<T>(Func<Lane, T> work)
    {
        await using var lanes = new TrainingLanes(1);
        return await lanes.Run("test", (lane, _) => work(lane));
    }

    public static Component<Optimizer> Sgd(double rate = 0.05, double momentum = 0, double decay = 0) =>
        new("sgd", new Sgd.Options { LearningRate = rate, Momentum = momentum, WeightDecay = decay });

    /// <summary>A job over all samples, from weights and with an order that depend on nothing else.</summary>
    public static LocalJob Job(Component<Model> model, ImageSet data, int classes, TrainingSettings settings)
    {
        var layout = ParameterLayouts.LayoutOf(model, data.Shape, classes);
        return new(model, Classes.Of(classes), data, [.. Enumerable.Range(0, data.Count)], settings,
            Initializer.Initialize(layout, new Seeds(7)), LocalObjective.None, OptimizerState.Fresh,
            new Seeds(7).Stream("order", 0, 0));
    }
}
