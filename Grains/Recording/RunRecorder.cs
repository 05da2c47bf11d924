using System.Text.Json;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.TorchLoading;

namespace Orleans.FL.Grains.Recording;

/// <summary>Writes a run's folder as the run goes on.</summary>
internal sealed partial class RunRecorder : IDisposable
{
    private const string EventsFile = "events.jsonl";
    private const int MostNodeFiles = 100;

    private readonly RunFolder _folder;
    private readonly LearningTask _task;
    private readonly FederationOptions _options;
    private readonly TimeProvider _time;
    private readonly string _hash;

    private RunRecorder(
        RunFolder folder, LearningTask task, string hash, FederationOptions options, TimeProvider time) =>
        (_folder, _task, _hash, _options, _time) = (folder, task, hash, options, time);

    /// <summary>
    /// Reads the weights that a node tests, or those that it shares, after so many rounds, or its best ones for null;
    /// null if the node is lost.
    /// </summary>
    public delegate Task<ParameterVector?> Collector(int node, int? rounds, bool shared);

    /// <summary>Full path of the folder.</summary>
    public string Folder => _folder.Path;

    /// <summary>Makes the folder of a run.</summary>
    /// <exception cref="RunExistsException">The run exists.</exception>
    public static RunRecorder Create(
        string run, Plan plan, string experiment, FederationOptions options, TimeProvider time)
    {
        var folder = RunFolder.Create(options.RunsFolder, run, time, plan.Outputs.Task, plan.Metrics);
        folder.WriteExperiment(experiment);
        folder.Log(
            $"Registered {plan.Experiment.Name}: {plan.Experiment.Nodes} nodes, {plan.Experiment.Rounds} rounds.");
        foreach (var remark in ExperimentRemarks.Of(plan.Experiment).Concat(SampleRemarks.Of(plan))) folder.Log(remark);
        var hash = ExperimentWriter.Hash(plan.Experiment);
        var recorder = new RunRecorder(folder, plan.Outputs.Task, hash, options, time);
        recorder.WriteManifest(plan.Experiment, 0, 0); // a run may fail before its nodes sit
        return recorder;
    }

    /// <summary>Takes over the folder of a run that another process left, or makes it anew from the journal.</summary>
    public static RunRecorder Rebuild(
        string run, RunJournal journal, string note, FederationOptions options, TimeProvider time)
    {
        var experiment = ExperimentReader.Read(journal.Experiment);
        var task = experiment.TaskOrDefault();
        var folder = RunFolder.Rebuild(options.RunsFolder, run, time, task, journal.Reports,
            journal.Events.Select(e => e.ToJson()), EmittedMetrics.Of(experiment));
        folder.WriteExperiment(ExperimentWriter.Canonical(experiment));
        folder.Log(note);
        var recorder = new RunRecorder(folder, task, ExperimentWriter.Hash(experiment), options, time);
        if (!File.Exists(Path.Combine(folder.Path, "manifest.json"))) recorder.WriteManifest(experiment, 0, 0);
        return recorder;
    }

    /// <summary>The events that a folder holds; a last line that was cut is left out.</summary>
    public static IReadOnlyList<RunEvent> ReadEvents(string folder)
    {
        var file = Path.Combine(folder, EventsFile);
        var events = new List<RunEvent>();
        if (!UserFile.HoldsSomething(file)) return events;
        using var lines = new StreamReader(UserFile.Open(file, long.MaxValue, m => new ExperimentException(m)));
        try
        {
            while (lines.ReadLine() is { } line) events.Add(RunEvent.FromJson(line));
        }
        catch (JsonException)
        {
            // The line was being written when its silo was killed; what stands before it counts.
        }
        return events;
    }

    /// <summary>Whether the folder holds what is known when the nodes are seated.</summary>
    public bool HasStart => File.Exists(Path.Combine(_folder.Path, "split.json"));

    /// <summary>Writes what is known when the nodes are seated.</summary>
    public void WriteStart(Plan plan, IReadOnlyList<Seat> seats, int silos, int lanes)
    {
        WriteManifest(plan.Experiment, lanes, silos);
        WriteSeats(seats);
        _folder.WriteSplit(Enumerable.Range(0, plan.Experiment.Nodes).Select(i =>
            new NodeSplit(i, plan.TrainIndices(i), plan.ValidationIndices(i), plan.LocalTest[i])));
        if (GraphRecord.Of(plan) is { } graph) _folder.WriteGraph(graph);
        _folder.Log($"{seats.Count} of {plan.Experiment.Nodes} nodes seated on {silos} silo(s).");
    }

    /// <summary>Writes who sits where.</summary>
    public void WriteSeats(IReadOnlyList<Seat> seats) =>
        _folder.WriteSeats([.. seats.Select(s => new RunSeat(s.Rank, s.Identity, s.Silo))]);

    /// <summary>
    /// Writes the experiment with all changes of the members that were made while it ran: run again, it gives
    /// the same bytes.
    /// </summary>
    public void WriteReplay(Experiment experiment, IReadOnlyList<MemberChange> changes)
    {
        var all = experiment.Membership.Concat(
            changes.Select(c => new MembershipChange { Round = c.Round, Add = [.. c.Add], Remove = [.. c.Remove] }));
        var replay = ExperimentWriter.Canonical(experiment with { Membership = [.. all.OrderBy(c => c.Round)] });
        if (replay.Length <= ExperimentReader.MostBytes) _folder.WriteReplay(replay);
        else Note($"There is no replay.json: with all that happened it would have {replay.Length} bytes, "
            + $"and at most {ExperimentReader.MostBytes} are read. The events have it all.");
    }

    /// <summary>Writes what a silo sent and received in a round.</summary>
    public void AppendTraffic(int round, string silo, Traffic traffic) => _folder.AppendTraffic(
        round, silo, traffic.PayloadSent, traffic.PayloadReceived, traffic.ControlSent, traffic.ControlReceived);

    /// <summary>Writes where the time of a round went.</summary>
    public void AppendTimes(IReadOnlyList<PhaseRow> phases, IReadOnlyList<LaneRow> lanes) =>
        _folder.AppendTimes(phases, lanes);

    /// <summary>Adds a line to the log.</summary>
    public void Note(string text) => _folder.Log(text);

    /// <summary>Adds an event.</summary>
    public void Append(RunEvent happened)
    {
        _folder.AppendEvent(happened.ToJson());
        if (happened is RoundEvent { Absent: { } absent } round)
            foreach (var node in absent)
                _folder.Log($"Round {round.Round}: node {node.Node} was absent. {node.Reason}");
    }

    /// <summary>Adds a round.</summary>
    public void Append(RoundReport report) => _folder.AppendRound(report);

    /// <summary>Logs how the run ended.</summary>
    public void LogEnd(RunStatus status) =>
        _folder.Log($"{status.State} after {status.Round} of {status.Rounds} rounds. {status.Reason}".TrimEnd());

    /// <summary>Writes how the run ended, so far as it is known; what was written before is replaced.</summary>
    /// <param name="status">How the run stands.</param>
    /// <param name="best">The best test; null before any.</param>
    /// <param name="testLoss">Mean loss of the last test; null if there is none.</param>
    /// <param name="seconds">How long it took.</param>
    public void WriteEnd(RunStatus status, (int Round, double Tested)? best, double? testLoss, double seconds)
    {
        var outcome = status.State switch
        {
            RunState.Finished => RunOutcome.Finished,
            RunState.Stopped => RunOutcome.Stopped,
            _ => RunOutcome.Failed,
        };
        _folder.WriteSummary(new RunSummary(outcome, status.Round, seconds, _time.GetUtcNow())
        {
            WeightsSha256 = status.WeightsSha256,
            Score = new TestScore(_task.Main.Name, status.Test?.Value, best?.Tested),
            TestLoss = testLoss,
            BestRound = best?.Round,
            Reason = status.Reason,
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    private void WriteManifest(Experiment experiment, int lanes, int silos) => _folder.WriteManifest(
        RunManifest.Here(_folder.Id, _hash, experiment.Seed, _time, TorchRuntime.Versions(), lanes, silos) with
        {
            Remarks = ExperimentRemarks.Of(experiment),
        });
}
