using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>How a job is measured.</summary>
internal enum BenchWork
{
    /// <summary>One run of its file.</summary>
    Run,

    /// <summary>A run, then plain loops of the same, one a lane at the same time.</summary>
    BesidePlainLoops,

    /// <summary>A run, and one of a single round, whose processor seconds are subtracted.</summary>
    WithoutStart,

    /// <summary>A run and a simulation, each without its start.</summary>
    BesideSimulation,

    /// <summary>A run, and one in float32 and contiguous memory.</summary>
    BesideFloat32,

    /// <summary>A run, and one with fewer nodes, of which as many train.</summary>
    BesideFewer,

    /// <summary>The exact mean in a process of its own; no file.</summary>
    ExactMean,
}

/// <summary>
/// Something that is measured: an experiment file, what it is compared with, and what it is to reach.
/// </summary>
/// <param name="Name">Its name, and that of its file.</param>
/// <param name="Work">How it is measured.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Targets">What it is to reach.</param>
internal sealed record BenchJob(string Name, BenchWork Work, string Summary, params IReadOnlyList<Target> Targets)
{
    /// <summary>MiB of nodes' weights that may stay in memory; 0 for the silo's own choice.</summary>
    public int StateMemory { get; init; }

    /// <summary>What the plain loops change of the file, so that they end soon; rates do not depend on it.</summary>
    public IReadOnlyList<string> PlainSet { get; init; } = [];

    /// <summary>What makes fewer nodes of the file's.</summary>
    public IReadOnlyList<string> FewerSet { get; init; } = [];

    /// <summary>Times that it is measured at least: what is compared with another run is compared in turns.</summary>
    public int Turns => Work is BenchWork.Run or BenchWork.ExactMean ? 1 : 2;

    /// <summary>Name of its experiment file; null if it has none.</summary>
    public string? File => Work == BenchWork.ExactMean ? null : $"{Name}.json";

    /// <summary>Name of the dataset that it trains on; null if it has no file.</summary>
    /// <exception cref="Probes.MeasurementException">Its file was not shipped.</exception>
    public string? Dataset =>
        File is null ? null : ExperimentReader.ReadFile(JobFiles.PathOf(this), []).Dataset.Name;

    /// <summary>All jobs, in the order in which they run.</summary>
    public static IReadOnlyList<BenchJob> All { get; } =
    [
        new("thousand-mlp", BenchWork.BesidePlainLoops,
            "mlp 784-200-200-10, 1,000 clients of 60 to 600 images a round, batch 10, fedavg",
            new(Figure.ClientsPerSecond, 430), new(Figure.PeakShare, 0.55),
            new(Figure.OverPlain, 3)) { PlainSet = ["nodes=60", "rounds=1", "evaluation.every=1"] },
        new("users-logistic-regression", BenchWork.Run,
            "1,000 clients of 60 images a round, logistic-regression, batch 10, fedavg",
            new Target(Figure.ClientsPerSecond, 8_000, "pfl-research's own loop on one thread: 780")),
        new("users-mlp", BenchWork.Run, "1,000 clients of 60 images a round, mlp, batch 10, fedavg",
            new Target(Figure.ClientsPerSecond, 3_000, "pfl-research's own loop on one thread: 254")),
        new("users-cnn", BenchWork.Run, "60 clients of 60 images a round, cnn, batch 10, fedavg",
            new Target(Figure.ClientsPerSecond, 45, "pfl-research's own loop on one thread: 11.7")),
        new("small", BenchWork.Run, "100 rounds of 10 clients among 1,000 nodes, 60 images, logistic-regression",
            new(Figure.Seconds, 2.5, "pfl-research: 3.7 s"), new(Figure.SeatedSeconds, 1.2)),
        new("small-all", BenchWork.Run, "100 rounds of all of 10 nodes, 60 images, logistic-regression",
            new Target(Figure.Seconds, 2.5, "pfl-research, 10 of 1,000: 3.7 s")),
        new("ring-8", BenchWork.WithoutStart, "cnn, batch 32, 5 steps a round, gossip on a ring of 8",
            new(Figure.CpuPerRound, 0.5 * 2 * 0.83, "0.5 × decentralizepy's 0.83 s on two cores"),
            new(Figure.PeakMiB, 3_950 / 10.0, "1/10 of decentralizepy's 3,950 MiB")),
        new("ring-16", BenchWork.WithoutStart, "cnn, batch 32, 5 steps a round, gossip on a ring of 16",
            new(Figure.CpuPerRound, 0.5 * 2 * 1.6, "0.5 × decentralizepy's 1.6 s on two cores"),
            new(Figure.PeakMiB, 7_700 / 10.0, "1/10 of decentralizepy's 7,700 MiB")),
        new("cnn", BenchWork.Run, "cnn, batch 32, 8 nodes of 320 images, fedavg", new Target(Figure.PeakShare, 0.60)),
        new("cnn-channels-last", BenchWork.BesideFloat32, "cnn as above, in channels-last memory",
            new Target(Figure.OverFloat32, 1.15)),
        new("cnn-bf16", BenchWork.BesideFloat32, "cnn as above, in bfloat16 with float32 master weights, "
            + "and in channels-last memory", new Target(Figure.OverFloat32, 1.5)),
        new("overhead-mlp", BenchWork.BesideSimulation, "mlp, 100 nodes of 60 to 600 images, batch 10, fedavg; "
            + "20 rounds after the first", new Target(Figure.OverSimulation, 1.03)),
        new("overhead-cnn", BenchWork.BesideSimulation, "cnn, 8 nodes of 320 images, batch 32, fedavg; "
            + "5 rounds after the first", new Target(Figure.OverSimulation, 1.03)),
        new("exact-mean", BenchWork.ExactMean, "weighted mean of 100 vectors of 1,663,370 floats, whatever their order",
            new Target(Figure.ReadShare, 0.8)),
        new("gossip-10000", BenchWork.Run,
            "10,000 nodes, mlp 784-200-200-10, gossip on a random 4-regular graph, one step of training",
            new(Figure.ExchangeSeconds, 15), new(Figure.PeakMiB, 12 * 1024)) { StateMemory = 8 * 1024 },
        new("gossip-100000", BenchWork.Run,
            "100,000 nodes, logistic-regression, gossip on a random 4-regular graph, no training",
            new(Figure.ExchangeSeconds, 15), new(Figure.PeakMiB, 4 * 1024)) { StateMemory = 2 * 1024 },
        new("sampled-1000000", BenchWork.BesideFewer,
            "1,000,000 nodes, 100 of them train in a round, logistic-regression, fedavg; beside 1,000 nodes",
            new(Figure.SeatedSeconds, 60), new(Figure.PeakMiB, 2 * 1024),
            new(Figure.OverFewer, 1.1)) { FewerSet = ["nodes=1000", "algorithm.clientFraction=0.1"] },
    ];
}
