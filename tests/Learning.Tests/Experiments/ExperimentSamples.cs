using CsCheck;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Partitioners;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>Experiments to read and write.</summary>
internal static class ExperimentSamples
{
    /// <summary>The file of the design's section on experiment files.</summary>
    public const string Full = """
        {
          "$schema": "../docs/experiment.schema.json",
          "name": "fedprox-ring-fashion", "seed": 42, "nodes": 9, "rounds": 20,
          "algorithm":   { "name": "fedprox", "mu": 0.1 },
          "topology":    { "name": "star" },
          "dataset":     { "name": "fashion-mnist" },
          "partitioner": { "name": "dirichlet", "alpha": 0.3, "samplesPerNode": 500 },
          "model":       { "name": "resnet10" },
          "training":    { "epochs": 1, "batchSize": 64,
                           "optimizer": { "name": "sgd", "learningRate": 0.1, "momentum": 0.9 } },
          "nodeOverrides": [ { "nodes": [7, 8], "algorithm": { "name": "fedavg" }, "training": { "epochs": 3 } } ]
        }
        """;

    /// <summary>The least that a file must say.</summary>
    public const string Least = """
        {
          "name": "a", "nodes": 3, "rounds": 2, "algorithm": "gossip", "topology": "ring", "dataset": "digits",
          "partitioner": "iid", "model": "mlp"
        }
        """;

    private static readonly Gen<double> Share = Gen.OneOf(
        Gen.Double[0, 0.999], Gen.Const(0.0), Gen.Const(1e-300), Gen.Const(0.1));

    private static readonly Gen<Component<Optimizer>> AnyOptimizer = Gen.OneOf(
        Gen.Select(Gen.Double[1e-9, 1000], Share, Share, (rate, momentum, decay) => new Component<Optimizer>("sgd",
            new Sgd.Options { LearningRate = rate, Momentum = momentum, WeightDecay = decay })),
        Gen.Double[1e-9, 1000].Select(
            rate => new Component<Optimizer>("adam", new Adam.Options { LearningRate = rate })));

    private static readonly Gen<TrainingSettings> AnyTraining = Gen.Select(
        Gen.Int[1, 100_000], Gen.Int[0, 100_000_000], Gen.Int[0, 1_000_000], AnyOptimizer, Gen.Bool, Share,
        (epochs, steps, batch, optimizer, keep, validation) => new TrainingSettings
        {
            Epochs = epochs,
            Steps = steps,
            BatchSize = batch,
            Optimizer = optimizer,
            KeepMoments = keep,
            ValidationFraction = validation,
        });

    private static readonly Gen<NodeOverride> AnyOverride = Gen.Select(
        Gen.Int[0, 8].Array[1, 5], AnyTraining, Gen.Bool, Gen.Bool,
        (nodes, training, hasTraining, hasAlgorithm) => new NodeOverride
        {
            Nodes = [.. nodes],
            Training = hasTraining ? training : null,
            Algorithm = hasAlgorithm ? new("gossip", Catalog<Algorithm>.Find("gossip")?.DefaultOptions()) : null,
        });

    /// <summary>Experiments with any values in range.</summary>
    public static Gen<Experiment> Any { get; } = Gen.Select(
        Gen.Char["abcXYZ019"].Array[1, 100], Gen.Long[0, 9007199254740991], Gen.Int[9, 1_000_000], AnyTraining,
        AnyOverride.Array[0, 4], Share, Gen.Int[1, 1_000_000],
        (name, seed, nodes, training, overrides, share, rounds) => new Experiment
        {
            Name = new string(name),
            Seed = seed,
            Nodes = nodes,
            Rounds = rounds,
            Algorithm = new("gossip", Catalog<Algorithm>.Find("gossip")?.DefaultOptions()),
            Topology = new("ring", Catalog<Topology>.Find("ring")?.DefaultOptions()),
            Dataset = new("digits", Catalog<Dataset>.Find("digits")?.DefaultOptions()),
            Partitioner = new("dirichlet", new Dirichlet.Options { Alpha = share + 1e-6, SamplesPerNode = 1 }),
            Model = new("mlp", new Mlp.Options { Hidden = [.. Enumerable.Range(1, rounds % 3 + 1)] }),
            Training = training,
            Evaluation = new() { Every = rounds },
            Seating = new() { Quorum = 1 - share, DeadlineSeconds = 1 + share },
            NodeOverrides = [.. overrides],
        });
}
