using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Tests;

/// <summary>A run of three rounds.</summary>
internal static class Sample
{
    public const string Run = "tiny-1";
    public const string Folder = "/runs/tiny-1";
    public const string Sha = "abc123";

    /// <summary>An experiment file without an error.</summary>
    public const string Experiment = """
        { "name": "tiny", "nodes": 2, "rounds": 3, "algorithm": { "name": "fedavg" }, "topology": { "name": "star" },
          "dataset": { "name": "digits" }, "partitioner": { "name": "iid" },
          "model": { "name": "logistic-regression" } }
        """;

    /// <summary>Sequence 0 registered, 1 seated, 2 to 4 the rounds, 5 finished; progress in between.</summary>
    public static RunEvent[] Events =>
    [
        Registered, Seated, Progress(1, 2), Round(1), Progress(2, 3), Round(2), Round(3), Finished,
    ];

    public static RegisteredEvent Registered =>
        new(Run, Folder, "tiny", "ff", 2, 3, "fedavg", "star", "digits", "cnn") { Sequence = 0 };

    public static SeatedEvent Seated => new(2, 2, 1, 4, 1_663_370, 0.5) { Sequence = 1 };

    public static FinishedEvent Finished =>
        new(Run, Folder, 3, Sha, 12.5) { Sequence = 5, Metrics = new([new("testAccuracy", 0.75)]) };

    /// <summary>Round 1, 2, 3: test accuracy 0.25, 0.50, 0.75.</summary>
    public static RoundEvent Round(int round) =>
        new(round, 3, 2.5 / round, null, 2.0 / round, 1.5, 1_500_000, 0, 2, 2)
        {
            Sequence = round + 1,
            Metrics = new([new("trainAccuracy", 0.2 * round), new("testAccuracy", 0.25 * round),
                new("testAccuracyMin", 0.2), new("testAccuracyMax", 0.9)]),
        };

    public static ProgressEvent Progress(int round, long next) => new(round, "train", 1, 2) { Sequence = next };

    public static RunStatus Status(RunState state) =>
        new(Run, "tiny", state, 1, 3, 2, 2, Folder, DateTimeOffset.UnixEpoch);
}
