using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Testing;

/// <summary>Experiments on toy data that take milliseconds: the laws of the catalog are tried on them.</summary>
public static class Toy
{
    /// <summary>All algorithms of the catalog.</summary>
    public static IEnumerable<string> Algorithms => Learning.Components.Catalog<Learning.Algorithms.Algorithm>.All.Select(c => c.Name);

    /// <summary>All topologies of the catalog that six nodes can have without options; an edge list needs edges.</summary>
    public static IEnumerable<string> Topologies => Learning.Components.Catalog<Learning.Topologies.Topology>.All.Select(c => c.Name)
        .Where(n => Learning.Components.Catalog<Learning.Topologies.Topology>.Create(n, null).Refusal(6) is null);

    /// <summary>One topology of each sort: hub, static, random, complete, directed, time-varying, drawn anew, both directed and drawn anew.</summary>
    public static IEnumerable<string> CoveringTopologies =>
        ["star", "ring", "torus", "random-regular", "fully-connected", "static-exponential", "base-graph", "random-matching", "peer-sampling"];

    /// <summary>120 training and 60 test images of 4 × 4 pixels in 3 classes, whatever dataset an experiment names.</summary>
    public static DatasetCache Data() => new(_ => ToyData.Labeled(120, 60, new ImageShape(1, 4, 4), 3, 5));

    /// <summary>A small experiment; overrides as <c>flctl --set</c> takes them.</summary>
    /// <param name="overrides">Entries <c>path=value</c>.</param>
    public static Experiment Experiment(params string[] overrides) => ExperimentReader.Read(Json, overrides);

    private const string Json = """
        {
          "name": "toy", "seed": 11, "nodes": 6, "rounds": 3,
          "algorithm": "fedavg", "topology": "star", "dataset": "digits",
          "partitioner": { "name": "dirichlet", "alpha": 1.0, "samplesPerNode": 15, "testSamplesPerNode": 5 },
          "model": { "name": "mlp", "hidden": [8] },
          "training": { "batchSize": 4, "validationFraction": 0.2, "optimizer": { "name": "sgd", "learningRate": 0.1 } }
        }
        """;
}
