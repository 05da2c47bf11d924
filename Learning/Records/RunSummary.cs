namespace Orleans.FL.Learning.Records;

/// <summary>How a run stands, as its folder tells.</summary>
public enum RunOutcome
{
    /// <summary>All its rounds are done.</summary>
    Finished,

    /// <summary>It ended with an error.</summary>
    Failed,

    /// <summary>It was stopped by its user.</summary>
    Stopped,

    /// <summary>A process is working on it.</summary>
    Running,

    /// <summary>It has no end, and no process works on it: it was killed.</summary>
    Unfinished,
}

/// <summary>How a run ended: <c>summary.json</c>.</summary>
/// <param name="Status">Finished, failed or stopped.</param>
/// <param name="Rounds">Rounds that are done.</param>
/// <param name="Seconds">Seconds from the start of the run to its end.</param>
/// <param name="FinishedUtc">When it ended.</param>
public sealed record RunSummary(RunOutcome Status, int Rounds, double Seconds, DateTimeOffset FinishedUtc)
{
    /// <summary>
    /// SHA-256 over the final weights of all nodes in rank order (<see cref="WeightsHash"/>); null if there are
    /// none.
    /// </summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>Mean accuracy of the last test, 0 to 1; null if nothing was tested.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>Mean loss of the last test, in nats; null if nothing was tested.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Round of the best weights; null if nothing was tested.</summary>
    public int? BestRound { get; init; }

    /// <summary>Mean test accuracy of that round; null if nothing was tested.</summary>
    public double? BestTestAccuracy { get; init; }

    /// <summary>Why the run failed or was stopped; null if it finished.</summary>
    public string? Reason { get; init; }
}
