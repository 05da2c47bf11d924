using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Learning.Tests.Algorithms.Effects;

/// <summary>
/// The effects that papers claim, on the smallest data where they show; docs/effects.md has the sources and what
/// was measured.
/// </summary>
internal static class Effects
{
    /// <summary>On each node's own test samples.</summary>
    private static readonly Func<RoundReport, double> Personal = r => r.LocalTestAccuracy.Mean;

    /// <summary>On samples that nodes hold out, which look like those that they train on.</summary>
    private static readonly Func<RoundReport, double> HeldOut = r => r.Validation.Accuracy;

    private static readonly string[] FewOfEach =
    [
        "nodes=20", "rounds=20",
        "partitioner={\"name\":\"dirichlet\",\"alpha\":0.3,\"samplesPerNode\":30,\"testSamplesPerNode\":50}",
    ];

    private static readonly string[] FourClasses =
    [
        "nodes=20", "rounds=20",
        "partitioner={\"name\":\"label-sets\",\"labelsPerNode\":4,\"samplesPerNode\":30,\"testSamplesPerNode\":50}",
    ];

    private static readonly string[] OneShard =
        ["partitioner={\"name\":\"shards\",\"shardsPerNode\":1,\"samplesPerNode\":150}"];

    private static readonly string[] Scarce = ["partitioner={\"name\":\"iid\",\"samplesPerNode\":60}",
        "training.validationFraction=0.3"];

    private static readonly string[] Peers = ["topology=fully-connected"];

    private static readonly string[] Sixteen = ["nodes=16", "partitioner.samplesPerNode=80"];

    private static readonly string[] TwiceAsOften = ["rounds=20", "training.epochs=1"];

    /// <summary>Twenty nodes of which the slowest takes many times as long as the median.</summary>
    private static readonly string[] Uneven =
    [
        "nodes=20", "partitioner={\"name\":\"dirichlet\",\"alpha\":0.5,\"samplesPerNode\":60}",
        "pace={\"name\":\"simulated-time\",\"compute\":{\"name\":\"log-normal\",\"median\":0.01,\"sigma\":1}}",
    ];

    private static readonly IReadOnlyList<Look> TwoTurns = [Look.Upright, Look.Overhead];

    /// <summary>All nodes but one receive from node 0; only its successor receives from each other node.</summary>
    private const string Unfair = """
        topology={"name":"edge-list","directed":true,"mixing":"uniform",
          "edges":[[0,1],[1,2],[2,3],[3,4],[4,5],[5,6],[6,7],[7,0],[0,2],[0,3],[0,4],[0,5],[0,6]]}
        """;

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyDictionary<string, Effect> All { get; } = new Dictionary<string, Effect>
    {
        // Nodes drift apart on skewed labels.
        ["scaffold"] = new("scaffold", "fedavg", 0.03),
        ["feddyn"] = new("{\"name\":\"feddyn\",\"alpha\":0.1}", "fedavg", 0.05),
        ["fedavgm"] = new("{\"name\":\"fedavgm\",\"serverMomentum\":0.5}", "fedavg", 0.03),
        ["fedadagrad"] = new("fedadagrad", "fedavg", 0.02),
        ["fedadam"] = new("fedadam", "fedavg", 0.05),
        ["fedyogi"] = new("fedyogi", "fedavg", 0.05),
        ["moon"] = new("moon", "fedavg", -0.05) { Seeds = [1] },
        ["fednova"] = new("fednova", "fedavg", 0.06)
        {
            Setting = [.. OneShard, "nodeOverrides=[{\"nodes\":[0,1],\"training\":{\"epochs\":20}}]"]
        },
        ["fedprox"] = new("{\"name\":\"fedprox\",\"mu\":0.1,\"clientFraction\":0.2}",
            "{\"name\":\"fedavg\",\"clientFraction\":0.2}", 0.3)
        {
            Setting =
            [
                "nodes=20", "rounds=30", .. OneShard, "partitioner.samplesPerNode=70", "training.epochs=10",
                "training.keepMoments=false",
                "training.optimizer={\"name\":\"sgd\",\"learningRate\":0.1,\"momentum\":0.9}",
            ],
        },

        // Fewer messages to the server, or none.
        ["hierarchical-fedavg"] = new("{\"name\":\"hierarchical-fedavg\",\"groups\":2,\"serverRounds\":4}",
            "fedavg", 0.03)
        {
            Its = ["rounds=20"],
            Others = ["rounds=5", "training.epochs=8"],
        },
        ["swarm"] = new("swarm", "isolated", 0.3) { Setting = Peers },

        // A model in two places, each node's turn after the other's; the server holds no data, so there is
        // one node more.
        ["split-learning"] = Split("fedavg", 0.01),
        ["split-learning pooled"] = Split("centralized", -0.01),

        // A model for each node.
        ["ditto"] = new("ditto", "fedavg", 0.03) { Setting = FewOfEach, Accuracy = Personal },
        ["ditto alone"] = new("ditto", "isolated", 0.015) { Setting = FewOfEach, Accuracy = Personal },
        ["apfl"] =
            new("{\"name\":\"apfl\",\"alpha\":0.25}", "fedavg", 0.02) { Setting = FewOfEach, Accuracy = Personal },
        ["apfl alone"] =
            new("{\"name\":\"apfl\",\"alpha\":0.25}", "isolated", 0.005) { Setting = FewOfEach, Accuracy = Personal },
        ["fedper"] = new("fedper", "fedavg", 0.02) { Setting = FewOfEach, Accuracy = Personal },
        ["fedper alone"] = new("fedper", "isolated", 0.004) { Setting = FewOfEach, Accuracy = Personal },
        ["fedrep"] = new("fedrep", "fedavg", 0.025) { Setting = FewOfEach, Accuracy = Personal },
        ["fedrep alone"] = new("fedrep", "isolated", 0.01) { Setting = FewOfEach, Accuracy = Personal },
        ["dispfl"] = new("{\"name\":\"dispfl\",\"density\":0.5,\"annealRounds\":20}", "gossip", 0.01)
        {
            Setting = [.. FewOfEach, .. Peers],
            Accuracy = Personal,
            Payload = 0.6,
        },

        // The same labels, but images that look different.
        ["fedbn"] = new("fedbn", "fedavg", 0.15)
        {
            Setting = [.. Scarce, "model=resnet6", "nodes=4", "rounds=5", "training.validationFraction=0.4"],
            Accuracy = HeldOut,
            Looks = [Look.Upright, Look.Inverted, Look.Dim, Look.Bright],
            Seeds = [1],
        },
        ["ifca"] = new("{\"name\":\"ifca\",\"models\":4}", "fedavg", 0.15)
        {
            Setting = [.. Scarce, "nodes=16"],
            Accuracy = HeldOut,
            Looks = [Look.Upright, Look.Turned, Look.Overhead, Look.TurnedBack],
        },
        ["ifca alone"] = new("{\"name\":\"ifca\",\"models\":4}", "isolated", 0.06)
        {
            Setting = [.. Scarce, "nodes=16"],
            Accuracy = HeldOut,
            Looks = [Look.Upright, Look.Turned, Look.Overhead, Look.TurnedBack],
        },
        ["similarity"] = Partners("similarity", 0.08),
        ["fedval"] = Partners("fedval", 0.08),
        ["fedweight"] = Partners("fedweight", 0.08),
        ["representation-similarity"] = Partners(
            "{\"name\":\"representation-similarity\",\"metric\":\"loss-inverse\",\"samples\":0}", 0.08),
        ["representation-similarity sent"] = Partners(
            "{\"name\":\"representation-similarity\",\"metric\":\"sent-kl\",\"samples\":0}", 0.01),
        ["representation-similarity pairwise"] = Partners(
            "{\"name\":\"representation-similarity\",\"metric\":\"pairwise-kl\",\"samples\":0}", 0.03),
        ["representation-similarity public"] = new("{\"name\":\"representation-similarity\","
            + "\"metric\":\"distance-correlation\",\"samples\":0,\"probe\":\"public\",\"partners\":3}", "gossip", 0.015)
        {
            Setting = [.. Peers, .. FourClasses, "publicSet={\"samples\":100}"],
            Accuracy = Personal,
        },
        ["fedfomo"] = Partners("fedfomo", 0.08),
        ["l2c"] = Partners("{\"name\":\"l2c\",\"sharing\":\"weights\",\"alphaLearningRate\":1}", 0.03) with
        {
            Setting = [.. Scarce, .. Peers, "rounds=20"]
        },
        ["meta-l2c"] = Partners("meta-l2c", -0.05) with { Seeds = [1] },

        // Who receives from whom, at equal bytes and equal training.
        ["base-graph"] = new("gossip", "gossip", 0.04)
        {
            Setting = Sixteen,
            Its = [.. TwiceAsOften, "topology=base-graph"],
            Others = ["topology=ring"],
            Payload = 1
        },
        ["assigned"] = new("assigned", "gossip", 0.04)
        {
            Setting = Sixteen,
            Its = [.. TwiceAsOften, .. Peers],
            Others = ["topology=ring"],
            Payload = 1
        },
        ["epidemic"] = new("{\"name\":\"epidemic\",\"receivers\":2}", "gossip", 0.05)
        {
            Setting = Sixteen,
            Its = Peers,
            Others = ["topology={\"name\":\"random-regular\",\"degree\":2}"],
            Payload = 1,
        },
        ["label-similarity"] = new("gossip", "gossip", 0.02)
        {
            Setting = FourClasses,
            Accuracy = Personal,
            Its = ["topology={\"name\":\"label-similarity\",\"degree\":3}"],
            Others = ["topology={\"name\":\"random-regular\",\"degree\":4}"],
            Payload = 1,
        },
        ["fedran"] =
            new("fedran", "gossip", 0.04) { Setting = Sixteen, Its = Peers, Others = ["topology=ring"], Payload = 1 },
        ["push-sum"] = new("push-sum", "gossip", 0.03)
        {
            Setting = [.. OneShard, "rounds=60", "training.optimizer.learningRate=0.01", Unfair],
            Payload = 1.01
        },
        ["choco-sgd"] = new("{\"name\":\"choco-sgd\",\"sent\":0.1,\"gamma\":0.5}", "gossip", 0.03)
        {
            Setting = ["topology=ring"],
            Its = ["rounds=20"],
            Others = ["rounds=4", "training.epochs=10"],
            Payload = 1,
        },
        ["def-kt"] = new("def-kt", "isolated", 0.005)
        {
            Setting = [.. Peers, "rounds=20", "partitioner.alpha=1", "partitioner.samplesPerNode=100"],
            Seeds = [1, 2]
        },
    };

    /// <summary>Those that gain time, by name: nodes do not wait for the slowest.</summary>
    /// <remarks>Both train alike in each round; the rounds are enough for either to get there.</remarks>
    public static IReadOnlyDictionary<string, Effect> Faster { get; } = new Dictionary<string, Effect>
    {
        ["fedasync"] = new("fedasync", "fedavg", 2.5)
        {
            Setting = Uneven,
            Its = ["rounds=300"],
            Others = ["rounds=20"],
            Target = 0.85
        },
        ["fedbuff"] = new("{\"name\":\"fedbuff\",\"bufferSize\":5}", "fedavg", 4)
        {
            Setting = Uneven,
            Its = ["rounds=80"],
            Others = ["rounds=20"],
            Target = 0.85
        },
        ["swift"] = new("swift", "gossip", 1.5)
        {
            Setting = [.. Uneven, "topology=ring"],
            Its = ["rounds=300"],
            Others = ["rounds=40"],
            Target = 0.8
        },
    };

    /// <summary>Ten turns of each node, against ten rounds.</summary>
    private static Effect Split(string than, double margin) => new("split-learning", than, margin)
    {
        Setting = ["partitioner={\"name\":\"iid\",\"samplesPerNode\":150}"],
        Its = ["nodes=9", "rounds=80"],
    };

    /// <summary>Two domains: who averages with all mixes them.</summary>
    private static Effect Partners(string algorithm, double margin) =>
        new(algorithm, "gossip", margin) { Setting = [.. Scarce, .. Peers], Accuracy = HeldOut, Looks = TwoTurns };
}
