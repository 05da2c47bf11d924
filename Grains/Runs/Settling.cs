using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Phases;
using Orleans.FL.Grains.Runs.State;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// The end of a round: each silo learns which states of its nodes count; at a checkpoint it writes them, too.
/// </summary>
/// <param name="data">The run.</param>
/// <param name="calls">Calls silos.</param>
/// <param name="grains">The silos.</param>
/// <param name="checkpoints">Keeps the checkpoint, if it is one.</param>
/// <param name="times">Takes note of what the silos did.</param>
internal sealed class Settling(RunData data, PhaseCalls calls, IClusterGrains grains, CheckpointKeeper checkpoints,
    TimeAccount times)
{
    /// <summary>Settles a round that is recorded; keeps a checkpoint if one is due.</summary>
    /// <param name="best">Whether the weights after it are the best so far.</param>
    /// <param name="stop">The run is to end.</param>
    public Task Round(bool best, CancellationToken stop) =>
        Settle(publish: false, best, snapshot: checkpoints.IsDue(), stop);

    /// <summary>Keeps a checkpoint of the rounds done, if there is none.</summary>
    /// <param name="stop">The run is to end.</param>
    public Task Checkpoint(CancellationToken stop) =>
        checkpoints.Kept == data.History.Done
            ? Task.CompletedTask
            : Settle(publish: false, best: false, snapshot: true, stop);

    /// <summary>Has the nodes publish their weights after the rounds done.</summary>
    /// <param name="snapshot">Whether to keep a checkpoint.</param>
    public Task Publish(bool snapshot) => Settle(publish: true, best: false, snapshot, CancellationToken.None);

    private async Task Settle(bool publish, bool best, bool snapshot, CancellationToken stop)
    {
        using var phase = times.Clock.In(snapshot ? "checkpoint" : "settle");
        var done = data.History.Done;
        data.Versions.EndRound();
        var changed = snapshot ? data.Versions.Unsaved : data.Versions.Awake;
        var bySilo = changed.Where(data.Versions.Holds).ToLookup(n => data.Seats.Seats[n]);
        var silos = data.Seats.Addresses.Keys
            .Select(name => (Name: name, Nodes: bySilo[name].Order().ToArray())).ToArray();
        var deadline = PhaseDeadline.After(data.Experiment.Seating.RoundDeadlineSeconds);
        var (settled, missing) = await calls.Silos("settle", silos.Length,
            deadline, i => grains.Silo(silos[i].Name).Settle(new SettleOrder(data.Run, data.Epoch, done, silos[i].Nodes,
                [.. silos[i].Nodes.Select(data.Versions.Of)], publish, best, snapshot)), stop);
        foreach (var (i, settlement) in settled)
            data.Versions.Settle(silos[i].Nodes, settlement.Blank,
                done, node => data.Plan.Protocol.DropsModel(node, Math.Max(0, done - 1)));
        foreach (var (i, settlement) in settled) times.Settle(done, silos[i].Name, settlement);
        if (missing.Count > 0) checkpoints.Miss($"Silo {silos[missing.First().Key].Name}: {missing.First().Value}");
        else if (snapshot) await checkpoints.Commit(settled.Values.SelectMany(s => s.Snapshots));
    }
}
