using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Testing;

/// <summary>Experiments on toy data that take milliseconds: the laws of the catalog are tried on them.</summary>
public static class Toy
{
    /// <summary>All algorithms of the catalog.</summary>
    public static IEnumerable<string> Algorithms =>
        Learning.Components.Catalog<Learning.Algorithms.Algorithm>.All.Select(c => c.Name);

    /// <summary>
    /// All topologies of the catalog that six nodes can have without options; an edge list needs edges.
    /// </summary>
    public static IEnumerable<string> Topologies =>
        Learning.Components.Catalog<Learning.Topologies.Topology>.All.Select(c => c.Name)
            .Where(n => Learning.Components.Catalog<Learning.Topologies.Topology>.Create(n, null).Refusal(6) is null);

    /// <summary>
    /// One topology of each sort: server, static, random, complete, directed, time-varying, drawn anew, both directed
    /// and drawn anew.
    /// </summary>
    public static IEnumerable<string> CoveringTopologies =>
        ["star", "ring", "torus", "random-regular", "fully-connected", "static-exponential", "base-graph",
            "random-matching", "peer-sampling"];

    /// <summary>
    /// Each algorithm with star or ring, and with another sort of topology, each in turn: clusters take too long for
    /// all of them.
    /// </summary>
    public static IEnumerable<(string Algorithm, string Topology)> CoveringPairs =>
        Algorithms.Order(StringComparer.Ordinal).SelectMany((algorithm, i) =>
        {
            string[] others = [.. CoveringTopologies.Except(["star", "ring"])];
            var first = i % 2 == 1 && Fits(algorithm, "ring") ? "ring" : "star";
            return new[] { first, others[i % others.Length] }.Where(t => Fits(algorithm, t))
                .Select(t => (algorithm, t));
        });

    /// <summary>The topologies that an algorithm runs on.</summary>
    /// <param name="algorithm">Its name.</param>
    public static IEnumerable<string> TopologiesFor(string algorithm) => Topologies.Where(t => Fits(algorithm, t));

    /// <summary>
    /// Whether an algorithm runs on a topology: not without a server, or on one that changes, if it needs another.
    /// </summary>
    /// <param name="algorithm">Name of the algorithm.</param>
    /// <param name="topology">Name of the topology.</param>
    public static bool Fits(string algorithm, string topology)
    {
        var needs = Learning.Components.Catalog<Learning.Algorithms.Algorithm>.Create(algorithm, null).Requires;
        var graph = Learning.Components.Catalog<Learning.Topologies.Topology>.Create(topology, null);
        return !(needs.Server && graph.Server is null) && !(needs.FixedRows && graph.Changes(6));
    }

    /// <summary>
    /// 120 training and 60 test images of 4 × 4 pixels in 3 classes, whatever dataset an experiment names.
    /// </summary>
    public static DatasetCache Data() => new(_ => ToyData.Labeled(120, 60, new SampleShape(1, 4, 4), 3, 5));

    /// <summary>A small experiment; overrides as <c>flctl --set</c> takes them.</summary>
    /// <param name="overrides">Entries <c>path=value</c>.</param>
    public static Experiment Experiment(params string[] overrides) =>
        ExperimentReader.Read(Json, [.. PaceFor(overrides), .. overrides]);

    /// <summary>The pace of algorithms that know no synchronous, unless the overrides name one.</summary>
    private static string[] PaceFor(string[] overrides) =>
        !overrides.Any(o => o.StartsWith("pace", StringComparison.Ordinal))
            && Algorithms.Where(a => !Learning.Components.Catalog<Learning.Algorithms.Algorithm>.Create(a,
                null).Requires.Paces.Contains(Learning.Paces.Pace.Synchronous))
                .Any(a => overrides.Any(o => o.StartsWith("algorithm", StringComparison.Ordinal) && o.Contains(a)))
            ? ["pace=simulated-time"]
            : [];

    /// <summary>A pace whose nodes differ from each other and from time to time, and come and go.</summary>
    public const string Uneven = "pace={\"name\":\"simulated-time\",\"compute\":{\"name\":\"log-normal\","
        + "\"median\":0.05,\"sigma\":0.7,\"per\":\"time\"},\"bandwidth\":{\"name\":\"uniform\",\"min\":5000,"
        + "\"max\":50000},\"latency\":{\"name\":\"exponential\",\"mean\":0.1},"
        + "\"availability\":{\"name\":\"on-off\",\"on\":5,\"off\":2}}";

    private const string Json = """
        {
          "name": "toy", "seed": 11, "nodes": 6, "rounds": 3,
          "algorithm": "fedavg", "topology": "star", "dataset": "digits",
          "partitioner": { "name": "dirichlet", "alpha": 1.0, "samplesPerNode": 15, "testSamplesPerNode": 5 },
          "model": { "name": "mlp", "hidden": [8] },
          "training": { "batchSize": 4, "validationFraction": 0.2,
            "optimizer": { "name": "sgd", "learningRate": 0.1 } },
          "checkpoints": { "secondsBetween": 0 }
        }
        """;
}
