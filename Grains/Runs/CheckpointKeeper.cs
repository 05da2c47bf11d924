using Microsoft.Extensions.Logging;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Grains.Runs;

/// <summary>The checkpoints of a run: when one is due, which one is the last, how the run goes back to it.</summary>
/// <param name="data">The run.</param>
/// <param name="checkpoints">The checkpoint store.</param>
/// <param name="events">Has the run folder, and says when the store is waited for.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Logs checkpoints that are missing.</param>
internal sealed partial class CheckpointKeeper(
    RunData data, RunCheckpoints checkpoints, RunEvents events, TimeProvider time, ILogger log)
{
    private long? _keptAt; // when the last one was made; null if that was another process, or there is none
    private Dictionary<int, NodeSnapshot> _snapshots = [];

    /// <summary>Rounds done at the last checkpoint.</summary>
    public int Kept { get; private set; }

    /// <summary>Whether a run has a checkpoint after a round.</summary>
    /// <param name="settings">What the experiment says.</param>
    /// <param name="done">Rounds done.</param>
    /// <param name="rounds">Rounds of the run; after the last one there is nothing to go on to.</param>
    /// <param name="since">Time since the last checkpoint; null if it was not made here.</param>
    public static bool IsDue(CheckpointSettings settings, int done, int rounds, TimeSpan? since) =>
        settings.Every > 0 && done % settings.Every == 0 && done < rounds
        && (since is not { } passed || passed >= TimeSpan.FromSeconds(settings.SecondsBetween));

    /// <summary>Whether the run has one after the rounds done.</summary>
    public bool IsDue() => IsDue(data.Experiment.Checkpoints, data.History.Done, data.Experiment.Rounds,
        _keptAt is { } kept ? time.GetElapsedTime(kept) : null);

    /// <summary>State of a node in the last checkpoint; null if it is not in it.</summary>
    /// <param name="node">Its rank.</param>
    public NodeSnapshot? Of(int node) => _snapshots.GetValueOrDefault(node);

    /// <summary>What a node knew counts no more: it left.</summary>
    /// <param name="node">Its rank.</param>
    public void Forget(int node)
    {
        _snapshots.Remove(node);
        data.Versions.Forget(node);
    }

    /// <summary>
    /// Goes back to the latest checkpoint that is whole and not later than a round; if there is none, to the beginning.
    /// </summary>
    /// <param name="rounds">Rounds done.</param>
    /// <exception cref="CheckpointException">The store cannot be reached.</exception>
    public async Task GoBack(int rounds)
    {
        var found = await checkpoints.Latest(data.Run, data.Plans.Hash, rounds + 1);
        foreach (var refusal in found.Refused)
        {
            Refused(log, data.Run, refusal);
            events.Folder.Write(folder =>
                folder.Note($"A checkpoint was refused, the one before it is used. {refusal}"));
        }
        Kept = found.Manifest?.Round ?? 0;
        _snapshots = found.Manifest?.Nodes.ToDictionary(n => n.Node) ?? [];
        data.Versions.GoBack();
        data.History.GoBack(Kept);
    }

    /// <summary>Commits a checkpoint of the rounds done; if that fails, the one before stays the last.</summary>
    /// <param name="settled">States of the nodes that may have changed since the last one; they are durable.</param>
    /// <exception cref="StaleClaimException">The run was claimed anew.</exception>
    public async Task Commit(IEnumerable<NodeSnapshot> settled)
    {
        // A node that was idle since the last checkpoint is in that one as it is now.
        var unchanged = _snapshots.Values.Where(s =>
            data.Plan.Protocol.HasIdleNodes && data.Seats.Seats.ContainsKey(s.Node)
                && !data.Versions.Unsaved.Contains(s.Node));
        NodeSnapshot[] snapshots = [.. settled.Concat(unchanged).OrderBy(s => s.Node)];
        var manifest = new CheckpointManifest(data.Run, data.Plans.Hash, data.History.Done, snapshots);
        try
        {
            await events.WaitForStore(
                checkpoints.Commit(data.Run, data.Epoch, manifest, data.Experiment.Checkpoints.Keep));
        }
        catch (CheckpointException e)
        {
            Miss(e.Message);
            return;
        }
        (Kept, _keptAt) = (data.History.Done, time.GetTimestamp());
        _snapshots = snapshots.ToDictionary(s => s.Node);
        data.Versions.AllSaved();
        data.History.Forget(Kept);
    }

    /// <summary>Says that there is no checkpoint of the rounds done.</summary>
    /// <param name="reason">Why, in a sentence.</param>
    public void Miss(string reason)
    {
        NoCheckpoint(log, data.Run, data.History.Done, Kept, reason);
        var note = $"No checkpoint after round {data.History.Done}; that after round {Kept} stays the last. {reason}";
        events.Folder.Write(folder => folder.Note(note));
    }

    [LoggerMessage(15, LogLevel.Warning, "Run {Run}: a checkpoint was refused, the one before it is used. {Reason}")]
    private static partial void Refused(ILogger logger, string run, string reason);

    [LoggerMessage(16, LogLevel.Warning,
        "Run {Run}: no checkpoint after round {Round}; that after round {Kept} stays the last. {Reason}")]
    private static partial void NoCheckpoint(ILogger logger, string run, int round, int kept, string reason);
}
