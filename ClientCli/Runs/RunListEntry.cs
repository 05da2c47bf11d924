using System.Text.Json.Serialization;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>A run as <c>flctl list</c> shows it.</summary>
/// <param name="Run">Run id.</param>
/// <param name="State">How it stands.</param>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Score">How good its models were in tests; null before any.</param>
/// <param name="Started">When it began; null if that is not known.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="ValidationError">What is wrong with its files; null if nothing is.</param>
internal sealed record RunListEntry(string Run, string State, int Rounds, [property: JsonIgnore] TestScore? Score,
    DateTimeOffset? Started, string Folder, string? ValidationError = null)
{
    /// <summary>The metric of the last test as a member of JSON that is named as the metric is.</summary>
    [JsonExtensionData]
    public IDictionary<string, object>? Named => Score is { Last: { } last }
        ? new Dictionary<string, object> { [TaskMetric.Key("test", Score.Metric)] = last } : null;

    /// <summary>The runs of a folder and of a silo, the newest first; what the silo says of a run counts.</summary>
    /// <param name="runs">Folder of runs.</param>
    /// <param name="federation">The silo; null if none answers.</param>
    public static async Task<IReadOnlyList<RunListEntry>> All(string runs, IFederation? federation)
    {
        var entries = RunFolderReader.List(runs).Select(Of).ToDictionary(e => e.Run);
        foreach (var status in federation is null ? [] : await federation.List())
            entries[status.Run] = Of(status);
        return [.. entries.Values.OrderByDescending(e => e.Started ?? DateTimeOffset.MinValue)
            .ThenBy(e => e.Run, StringComparer.Ordinal)];
    }

    private static RunListEntry Of(Grains.Interfaces.RunStatus s) =>
        new(s.Run, Lower(s.State), s.Round, s.Test is { } test ? new TestScore(test.Name, test.Value, null) : null,
            s.Registered, s.Folder);

    private static RunListEntry Of(RunListing l) =>
        new(l.Id, l.Status is { } status ? Lower(status) : "damaged", l.Rounds, l.Score, l.StartedUtc, l.Path,
            l.ValidationError);

    private static string Lower<T>(T state) where T : struct, Enum => state.ToString().ToLowerInvariant();
}
