using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Records;

/// <summary>How a run ended: <c>summary.json</c>.</summary>
/// <param name="Status">Finished, failed or stopped.</param>
/// <param name="Rounds">Rounds that are done.</param>
/// <param name="Seconds">Seconds from the start of the run to its end.</param>
/// <param name="FinishedUtc">When it ended.</param>
public sealed record RunSummary(RunOutcome Status, int Rounds, double Seconds, DateTimeOffset FinishedUtc)
{
    private const string Last = "test", Best = "bestTest";

    /// <summary>
    /// SHA-256 over the final weights of all nodes in rank order (<see cref="WeightsHash"/>); null if there are
    /// none.
    /// </summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>
    /// The metric that decides which round is the best: of the last test, and of the best; null if the file does
    /// not have it.
    /// </summary>
    /// <remarks>
    /// In the file its members are <c>testAccuracy</c> and <c>bestTestAccuracy</c>, after the name of the metric.
    /// </remarks>
    [JsonIgnore]
    public TestScore? Score { get; init; }

    /// <summary>Mean loss of the last test; null if nothing was tested.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Round of the best weights; null if nothing was tested.</summary>
    public int? BestRound { get; init; }

    /// <summary>Why the run failed or was stopped; null if it finished.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Members of the file that are named after the metric; null where <see cref="Score"/> says what they do.
    /// </summary>
    [JsonInclude, JsonExtensionData]
    internal Dictionary<string, JsonElement>? Named { get; init; }

    /// <summary>The summary as the file has it.</summary>
    public RunSummary Written() => Score is null ? this : this with
    {
        Score = null,
        Named = new()
        {
            [TaskMetric.Key(Last, Score.Metric)] = JsonSerializer.SerializeToElement(Score.Last),
            [TaskMetric.Key(Best, Score.Metric)] = JsonSerializer.SerializeToElement(Score.Best),
        },
    };

    /// <summary>The summary of a file.</summary>
    internal RunSummary Read()
    {
        if (Named?.Keys.FirstOrDefault(k => k.StartsWith(Last, StringComparison.Ordinal)) is not { } key)
            return this with { Named = null };
        var metric = TaskMetric.NameIn(Last, key);
        return this with { Named = null, Score = new(metric, Number(key), Number(TaskMetric.Key(Best, metric))) };

        double? Number(string name) =>
            Named.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Number
                ? value.GetDouble()
                : null;
    }
}

/// <summary>How good the models of a run were in tests.</summary>
/// <param name="Metric">Name of the metric that decides which round is the best.</param>
/// <param name="Last">Its mean over the nodes in the last test; null if nothing was tested.</param>
/// <param name="Best">Its mean in the best test; null if nothing was tested.</param>
public sealed record TestScore(string Metric, double? Last, double? Best);
