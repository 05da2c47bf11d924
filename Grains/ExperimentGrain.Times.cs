using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains;

/// <summary>Where the run's time goes: the phases that it is in, and what the lanes of its silos do.</summary>
/// <remarks>Told and recorded, and read by nothing that the run depends on.</remarks>
internal sealed partial class ExperimentGrain
{
    private const string PausePhase = "paused";

    private readonly Dictionary<string, (int Lanes, LaneSeconds Worked, TimeSpan Paused)> _worked = []; // by silo, when it was last heard of
    private readonly List<LaneRow> _laneRows = []; // that are not recorded yet
    private PhaseClock? _clock;
    private double? _peak; // of all lanes, in 10⁹ operations a second
    private PhaseLap? _sent, _noted;

    private PhaseClock Clock => _clock ??= new PhaseClock(time);

    /// <summary>The round, from 1, that time is spent on which no round is done with; after the last one, that.</summary>
    private int UnderWay => Math.Min(_done + 1, Known.Rounds);

    /// <summary>What a round did, for its event.</summary>
    private RoundWork WorkOf(RoundReport report) => new(Clients(report), report.Training.Samples, OperationsOf(report), report.TrainSeconds, _lanes,
        (_sent ??= new PhaseLap(Clock)).Take(), _peak);

    /// <summary>Floating-point operations of a round's training; null if the model does not tell.</summary>
    private double? OperationsOf(RoundReport report)
    {
        var operations = report.Training.Samples * TrainingOperations.OfSample(Experiment.Model.Create().Products(Plan.Data.Train.Shape, Plan.Data.Outputs));
        return double.IsNaN(operations) ? null : operations;
    }

    /// <summary>Begins to count what a silo's lanes do: it enters the epoch.</summary>
    private void CountLanes(string silo, Entry entry) => _worked[silo] = (entry.Lanes, entry.Worked, Clock.SpentIn(PausePhase));

    /// <summary>Takes note of what a silo's lanes did since it was last heard of; while the run was paused they had nothing to do for it.</summary>
    private void NoteLanes(int round, string silo, LaneSeconds now)
    {
        var (lanes, before, pausedBefore) = _worked[silo];
        var paused = Clock.SpentIn(PausePhase);
        var since = now.Since(before);
        var seconds = Math.Max(0, since.Elapsed - (paused - pausedBefore).TotalSeconds);
        _laneRows.Add(new LaneRow(round, silo, lanes, seconds, since.Train, since.Combine, since.Evaluate, since.Other));
        _worked[silo] = (lanes, now, paused);
    }

    /// <summary>Records the time since the last such record.</summary>
    /// <param name="round">Round, from 1, that it was spent on.</param>
    private void RecordTimes(int round)
    {
        var phases = (_noted ??= new PhaseLap(Clock)).Take();
        foreach (var (phase, seconds) in phases) meter.Phase(phase, seconds);
        try
        {
            _recorder?.AppendTimes([.. phases.Select(p => new PhaseRow(round, p.Phase, p.Seconds))], _laneRows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ExperimentException)
        {
            Log.NotRecorded(log, e, Run);
        }
        _laneRows.Clear();
    }

    private static int Clients(RoundReport report) => report.Nodes.Count(n => n.Steps > 0);
}
