using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Runs.State;
using Orleans.FL.Grains.Silos;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// How a run comes to be known: it is registered, or found in its journal or its folder, or taken up again.
/// </summary>
/// <param name="data">The run.</param>
/// <param name="claim">Claims it, and has its journal.</param>
/// <param name="checkpoints">Has states to go on from.</param>
/// <param name="contexts">Makes plans.</param>
/// <param name="record">What is reported of the run.</param>
/// <param name="options">Says where run folders are.</param>
/// <param name="time">The clock.</param>
internal sealed class RunOpening(RunData data, RunClaim claim, CheckpointKeeper checkpoints, RunContexts contexts,
    RunRecord record, FederationOptions options, TimeProvider time)
{
    private string Folder => Path.Combine(options.RunsFolder, data.Run);

    /// <summary>Takes up what the journal, or the folder alone, says of the run.</summary>
    public async Task Find()
    {
        if (!RunId.IsValid(data.Run)) return;
        try
        {
            var journal = await claim.ReadJournal();
            if (journal.Registered is null) FindFolder(journal.Damage);
            else Take(journal);
        }
        catch (CheckpointException e)
        {
            record.Standing.Trouble = e.Message;
        }
    }

    private void Take(RunJournal journal)
    {
        data.Plans.Json = journal.Experiment;
        record.Events.Load(journal.Events);
        record.Standing.Status = journal.Status;
        record.Standing.IsForeign = !record.Standing.Known.Ended && IsOwned();
    }

    /// <summary>Registers the run.</summary>
    /// <param name="json">The experiment as canonical JSON.</param>
    /// <returns>The run, or every error found.</returns>
    public async Task<Registration> Prepare(string json)
    {
        // A run that goes on must not notice that its id was asked for again.
        if (record.Standing.Status is not null || record.Standing.IsForeign)
            return Refused(new RunExistsException(data.Run, Path.GetFullPath(Folder)));
        if (record.Standing.Trouble is { } trouble) return Refused(new ExperimentException(trouble));
        try
        {
            var context = await contexts.Get(data.Run, json);
            data.Plans.Load(context, json, []);
            record.Clock.Restart();
            var (plan, experiment) = (context.Plan, context.Plan.Experiment);
            var folder = await Task.Run(() => RunRecorder.Create(data.Run, plan, json, options, time));
            record.Events.Folder.Open(folder, Rebuild);
            await claim.Take();
            record.Standing.Status = new RunStatus(data.Run, experiment.Name, RunState.Registered, 0, experiment.Rounds,
                experiment.Nodes, 0, folder.Folder, time.GetUtcNow());
            await record.Events.Record(new RegisteredEvent(data.Run, folder.Folder, experiment.Name,
                ExperimentWriter.Hash(experiment), experiment.Nodes, experiment.Rounds, experiment.Algorithm.Name,
                experiment.Topology.Name, experiment.Dataset.Name, experiment.Model.Name), json);
            return new Registration(data.Run, folder.Folder, []);
        }
        catch (Exception e) when (e is ExperimentException or CheckpointException)
        {
            contexts.Forget(data.Run, data.Epoch);
            record.Events.Folder.Close();
            data.Plans.Forget();
            record.Standing.Status = null;
            return Refused(e as ExperimentException ?? new ExperimentException(e.Message));
        }
    }

    /// <summary>
    /// Claims the run and reads its journal; its states are those of the last checkpoint then.
    /// </summary>
    /// <returns>What the journal says of it.</returns>
    /// <exception cref="CheckpointException">The store cannot be reached or written to.</exception>
    public async Task<TakenUp> TakeUp()
    {
        using var phase = record.Clock.In("take up");
        await claim.Take();
        var journal = await claim.ReadJournal();
        data.Plans.Load(data.Plans.Context ?? await contexts.Get(data.Run, journal.Experiment), journal.Experiment,
            journal.Changes);
        record.Events.Load(journal.Events.Select(RunJournal.Softened));
        data.Seats.Unseated.Clear();
        foreach (var missing in journal.Events.OfType<SeatedEvent>().SelectMany(s => s.Missing ?? []))
            data.Seats.Unseated[missing.Node] = missing.Reason;
        data.History.Load(journal);
        record.Times.Load(journal.Reports);
        await claim.Require(); // another process that is taking it up has its folder now
        await record.Events.Folder.TakeUp(journal, Rebuild);
        record.Standing.Status =
            journal.Status with { State = RunState.Seating, Folder = Path.GetFullPath(Folder), Reason = null };
        await checkpoints.GoBack(data.History.Written);
        if (journal.Damage is { } damage) record.Events.Folder.Write(folder => folder.Note(damage));
        return new(journal.Events.LastOrDefault(e => e is PausedEvent or ResumedEvent) is PausedEvent, journal.Damage);
    }

    /// <summary>
    /// A run whose folder is here without a journal: one of an earlier version, or another process works on it.
    /// </summary>
    private void FindFolder(string? damage)
    {
        if (damage is not null)
            record.Standing.Trouble = $"Run '{data.Run}' cannot go on: {damage} Put a sound copy of it in its place, "
                + "or start the run again under another id.";
        if (!Directory.Exists(Folder)) return;
        var folder = RunFolderReader.Open(options.RunsFolder, data.Run);
        if (folder.Status == RunOutcome.Running)
        {
            record.Standing.IsForeign = true;
            return;
        }
        record.Events.Load(RunRecorder.ReadEvents(folder.Path));
        record.Standing.Status = RunFolderStatus.Of(folder, null);
        if (record.Standing is { Trouble: { } trouble, Known: { Ended: false } known })
            record.Standing.Status = known with { State = RunState.Failed, Reason = trouble };
    }

    private RunRecorder Rebuild(RunJournal journal, string note) =>
        RunRecorder.Rebuild(data.Run, journal, note, options, time);

    private bool IsOwned() =>
        Directory.Exists(Folder) && RunFolderReader.Open(options.RunsFolder, data.Run).Status == RunOutcome.Running;

    /// <summary>What the journal says of a run that was taken up.</summary>
    /// <param name="WasPaused">Whether the run was held when it was last recorded.</param>
    /// <param name="Damage">Why lines are left out, in one sentence; null if none are.</param>
    internal readonly record struct TakenUp(bool WasPaused, string? Damage);

    private static Registration Refused(ExperimentException e) =>
        new(null, null, [.. e.Errors.Select(f => f.ToString())], e is RunExistsException);
}
