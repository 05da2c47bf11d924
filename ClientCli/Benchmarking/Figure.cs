namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>Which way a number should go.</summary>
internal enum Better
{
    /// <summary>More is better: rates, shares.</summary>
    More,

    /// <summary>Less is better: times, memory, overheads.</summary>
    Less,
}

/// <summary>A number that is measured of a job.</summary>
/// <remarks>
/// A client is one node's training in one round, the word of the simulators that runs are compared with.
/// </remarks>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Unit">What follows the number.</param>
/// <param name="Format">How the number is written.</param>
/// <param name="Better">Which way it should go.</param>
internal sealed record Figure(string Key, string Unit, string Format, Better Better)
{
    private static readonly Lazy<Dictionary<string, Figure>> Known = new(() => typeof(Figure).GetProperties()
        .Where(p => p.PropertyType == typeof(Figure)).Select(p => (Figure)p.GetValue(null)!)
        .ToDictionary(f => f.Key)); // all are set

    /// <summary>Training of nodes per second of rounds.</summary>
    public static Figure ClientsPerSecond { get; } = new("clientsPerSecond", "clients/s", "N0", Better.More);

    /// <summary>Samples trained on per second of rounds.</summary>
    public static Figure ImagesPerSecond { get; } = new("imagesPerSecond", "images/s", "N0", Better.More);

    /// <summary>Operations of training, as counted from the model, per second of rounds; in 10^9.</summary>
    public static Figure Gflops { get; } = new("gflops", "GFLOP/s", "F1", Better.More);

    /// <summary>The same over what the lanes' cores compute at best, measured beside it.</summary>
    public static Figure PeakShare { get; } =
        new("peakShare", "of the FMA peak", "P0", Better.More) { IsRatio = true };

    /// <summary>
    /// The same over the rate of large matrix products beside it, on as many threads as there are lanes.
    /// </summary>
    public static Figure GemmShare { get; } =
        new("gemmShare", "of the GEMM rate", "P0", Better.More) { IsRatio = true };

    /// <summary>Seconds that lanes spent in training over the seconds of all lanes in rounds.</summary>
    public static Figure TrainingShare { get; } =
        new("trainingShare", "of the lanes' time in training", "P0", Better.More) { IsRatio = true };

    /// <summary>Clients per second over those of plain loops, one a lane, right afterwards.</summary>
    public static Figure OverPlain { get; } =
        new("overPlain", "× the clients/s of plain TorchSharp", "F2", Better.More) { IsRatio = true };

    /// <summary>
    /// Samples trained on per second over those of the same job in float32 and contiguous memory, right afterwards.
    /// </summary>
    public static Figure OverFloat32 { get; } =
        new("overFloat32", "× the images/s in float32, contiguous", "F2", Better.More) { IsRatio = true };

    /// <summary>Wall seconds from the command to its exit.</summary>
    public static Figure Seconds { get; } = new("seconds", "s from command to exit", "F1", Better.Less);

    /// <summary>Wall seconds of a round, on average, its commit included.</summary>
    public static Figure RoundSeconds { get; } = new("roundSeconds", "s a round", "F2", Better.Less);

    /// <summary>Wall seconds of exchanging and combining in a round, on average.</summary>
    public static Figure ExchangeSeconds { get; } = new("exchangeSeconds", "s of exchange and combining a round", "F2",
        Better.Less);

    /// <summary>
    /// Wall seconds from the command until the nodes have their seats: the data read, the nodes registered.
    /// </summary>
    public static Figure SeatedSeconds { get; } = new("seatedSeconds", "s from command to seats", "F1", Better.Less);

    /// <summary>
    /// Wall seconds of the rounds after the first over those of a run with fewer nodes, of which as many train.
    /// </summary>
    public static Figure OverFewer { get; } =
        new("overFewer", "× the seconds a round of 1,000 nodes", "F2", Better.Less) { IsRatio = true };

    /// <summary>Processor seconds from the command to its exit.</summary>
    public static Figure CpuSeconds { get; } = new("cpuSeconds", "CPU-s", "F1", Better.Less);

    /// <summary>
    /// Processor seconds of a round after the first: start-up and the test at the end are subtracted.
    /// </summary>
    public static Figure CpuPerRound { get; } = new("cpuPerRound", "CPU-s a round", "F2", Better.Less);

    /// <summary>Largest resident memory in MiB.</summary>
    public static Figure PeakMiB { get; } = new("peakMiB", "MiB at the peak", "N0", Better.Less);

    /// <summary>Processor seconds of the rounds after the first over those of <c>flctl simulate</c>.</summary>
    public static Figure OverSimulation { get; } =
        new("overSimulation", "× the CPU-s of flctl simulate", "F3", Better.Less) { IsRatio = true };

    /// <summary>
    /// Bytes that a mean takes in per second over those that a mere read takes in, each on one thread.
    /// </summary>
    public static Figure ReadShare { get; } =
        new("readShare", "of the memory read rate", "P0", Better.More) { IsRatio = true };

    /// <summary>Fused multiply-adds of the lanes' cores at best, beside the job, in 10^9 operations a second.</summary>
    public static Figure PeakRate { get; } = new("peakRate", "GFLOP/s of FMA peak", "F1", Better.More);

    /// <summary>Rate of large matrix products beside the job, in 10^9 operations a second.</summary>
    public static Figure GemmRate { get; } = new("gemmRate", "GFLOP/s of GEMM", "F1", Better.More);

    /// <summary>Bytes read from memory per second beside the job, in 10^9.</summary>
    public static Figure ReadRate { get; } = new("readRate", "GB/s read", "F1", Better.More);

    /// <summary>Bytes of memory that a process gets anew per second beside the job, in 10^9.</summary>
    public static Figure NewMemoryRate { get; } = new("newMemoryRate", "GB/s of new memory", "F2", Better.More);

    /// <summary>Cores that other programs used meanwhile.</summary>
    public static Figure OtherCores { get; } = new("otherCores", "cores used by others", "F2", Better.Less);

    /// <summary>All figures by key.</summary>
    public static IReadOnlyDictionary<string, Figure> ByKey => Known.Value;

    /// <summary>
    /// Whether it is a ratio of two measurements of one run, and so may be compared with another day's.
    /// </summary>
    public bool IsRatio { get; init; }

    /// <summary>A value as it is written.</summary>
    /// <param name="value">The value.</param>
    public string Text(double value) => double.IsFinite(value) ? value.ToString(Format) : "–";
}

/// <summary>What a job is to reach.</summary>
/// <param name="Figure">Which number.</param>
/// <param name="Bound">What it must be, or better.</param>
/// <param name="Because">Where the bound is from; empty if it was just set.</param>
internal sealed record Target(Figure Figure, double Bound, string Because = "")
{
    /// <summary>The target in words: <c>≥ 430 clients/s</c>.</summary>
    public string Sentence => $"{(Figure.Better == Better.More ? "≥" : "≤")} {Figure.Text(Bound)} {Figure.Unit}";

    /// <summary>Whether a value reaches it; one that was not measured does not.</summary>
    /// <param name="value">The value.</param>
    public bool Reached(double value) => Figure.Better == Better.More ? value >= Bound : value <= Bound;
}
