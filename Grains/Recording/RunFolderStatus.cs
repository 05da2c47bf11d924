using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Recording;

/// <summary>How a run stands, from its folder alone.</summary>
internal static class RunFolderStatus
{
    /// <summary>The status.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="listing">What a listing already read; null to read it.</param>
    public static RunStatus Of(RunFolderReader folder, RunListing? listing)
    {
        var registered = RunRecorder.ReadEvents(folder.Path).OfType<RegisteredEvent>().FirstOrDefault();
        var summary = listing?.ValidationError is null ? folder.Summary() : null;
        var rounds = summary?.Rounds ?? listing?.Rounds ?? folder.Rounds().Count;
        var state = (listing?.ValidationError is null ? folder.Status : RunOutcome.Failed) switch
        {
            RunOutcome.Finished => RunState.Finished,
            RunOutcome.Stopped => RunState.Stopped,
            RunOutcome.Running => RunState.Running,
            RunOutcome.Unfinished when registered is not null => RunState.Suspended,
            _ => RunState.Failed,
        };
        var reason = listing?.ValidationError ?? summary?.Reason ?? (state == RunState.Suspended
            ? $"Its silo was lost after round {rounds}; 'flctl resume {folder.Id}' goes on from the last checkpoint."
            : null);
        return new RunStatus(folder.Id, registered?.Name ?? folder.Id, state, rounds, registered?.Rounds ?? rounds,
            registered?.Nodes ?? 0, 0, folder.Path, registered?.Time ?? DateTimeOffset.MinValue,
            summary?.Score is { Last: { } last } score ? new MetricValue(score.Metric, last) : null,
            summary?.WeightsSha256, reason);
    }
}
