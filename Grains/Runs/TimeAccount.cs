using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Times;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;

namespace Orleans.FL.Grains.Runs;

/// <summary>
/// Where the run's time goes, and what its silos do: the phases that it is in, their lanes, their bytes.
/// </summary>
/// <remarks>Reported and recorded; nothing that the run depends on reads it.</remarks>
/// <param name="clock">Says which phase the run is in.</param>
/// <param name="events">Has the run folder.</param>
/// <param name="meter">Counts for the silo.</param>
/// <param name="time">The clock.</param>
internal sealed class TimeAccount(PhaseClock clock, RunEvents events, SiloMeter meter, TimeProvider time)
{
    /// <summary>Name of the phase in which the run is held.</summary>
    public const string PausePhase = "paused";

    private readonly PhaseLap _sent = new(clock), _recorded = new(clock);
    // by silo, when it last answered
    private readonly Dictionary<string, (int Lanes, LaneSeconds Worked, TimeSpan Paused)> _worked = [];
    private readonly Dictionary<string, Traffic> _traffic = []; // of the silos, at the end of the last round
    private readonly List<LaneRow> _laneRows = []; // that are not recorded yet
    private long _startedAt;
    private double _secondsBefore;
    private double? _peak; // of all lanes, in 10⁹ operations a second

    /// <summary>Says which phase the run is in.</summary>
    public PhaseClock Clock => clock;

    /// <summary>Training lanes of all silos with seats.</summary>
    public int Lanes { get; private set; }

    /// <summary>Seconds of the run, those before it was taken up included.</summary>
    public double Seconds => _secondsBefore + (_startedAt == 0 ? 0 : time.GetElapsedTime(_startedAt).TotalSeconds);

    /// <summary>The run begins, or goes on.</summary>
    public void Start()
    {
        _startedAt = time.GetTimestamp();
        clock.Restart();
    }

    /// <summary>Takes note of rounds that were done before the run was taken up.</summary>
    /// <param name="reports">The rounds.</param>
    public void Load(IEnumerable<RoundReport> reports) => _secondsBefore = reports.Sum(r => r.Seconds);

    /// <summary>Begins to count what silos do: they enter the epoch.</summary>
    /// <param name="entries">What each says at that moment, by name.</param>
    public void Enter(IReadOnlyDictionary<string, Entry> entries)
    {
        foreach (var (silo, entry) in entries)
        {
            _traffic[silo] = entry.Traffic;
            _worked[silo] = (entry.Lanes, entry.Worked, clock.SpentIn(PausePhase));
        }
        Lanes = entries.Values.Sum(e => e.Lanes);
        _peak = entries.Values.All(e => e.PeakGflops is not null) ? entries.Values.Sum(e => e.PeakGflops) : null;
    }

    /// <summary>Takes note of what a silo did since it last answered.</summary>
    /// <param name="round">Round, from 1.</param>
    /// <param name="silo">Its name.</param>
    /// <param name="settlement">What it says.</param>
    public void Settle(int round, string silo, Settlement settlement)
    {
        var traffic = Since(_traffic.GetValueOrDefault(silo), settlement.Traffic);
        events.Folder.Write(folder => folder.AppendTraffic(round, silo, traffic));
        _traffic[silo] = settlement.Traffic;
        var (lanes, before, pausedBefore) = _worked[silo];
        var paused = clock.SpentIn(PausePhase); // while the run was paused lanes had nothing to do for it
        var since = settlement.Worked.Since(before);
        var seconds = Math.Max(0, since.Elapsed - (paused - pausedBefore).TotalSeconds);
        _laneRows.Add(new LaneRow(round, silo, lanes, seconds, since.Train, since.Combine, since.Evaluate,
            since.Other));
        _worked[silo] = (lanes, settlement.Worked, paused);
    }

    /// <summary>What a round did, for its event.</summary>
    /// <param name="report">The round.</param>
    /// <param name="plan">The plan.</param>
    public RoundWork WorkOf(RoundReport report, Plan plan) =>
        new(Clients(report), report.Training.Samples, OperationsOf(report, plan), report.TrainSeconds,
            Lanes, _sent.Take(), _peak);

    /// <summary>Counts a round for the silo's meter.</summary>
    /// <param name="report">The round.</param>
    /// <param name="plan">The plan.</param>
    public void Count(RoundReport report, Plan plan) =>
        meter.Round(Clients(report), report.Training.Samples, OperationsOf(report, plan));

    /// <summary>Records the time since the last such record.</summary>
    /// <param name="round">Round, from 1, that it was spent on.</param>
    public void Record(int round)
    {
        var phases = _recorded.Take();
        foreach (var (phase, seconds) in phases) meter.Phase(phase, seconds);
        PhaseRow[] spent = [.. phases.Select(p => new PhaseRow(round, p.Phase, p.Seconds))];
        LaneRow[] lanes = [.. _laneRows];
        events.Folder.Write(folder => folder.AppendTimes(spent, lanes));
        _laneRows.Clear();
    }

    private static Traffic Since(Traffic before, Traffic now) =>
        new(now.PayloadSent - before.PayloadSent, now.PayloadReceived - before.PayloadReceived,
            now.WireSent - before.WireSent, now.WireReceived - before.WireReceived);

    private static int Clients(RoundReport report) => report.Nodes.Count(n => n.Steps > 0);

    /// <summary>Floating-point operations of a round's training; null if the model does not report them.</summary>
    private static double? OperationsOf(RoundReport report, Plan plan)
    {
        var products = plan.Experiment.Model.Create().Products(plan.Data.Train.Shape, plan.Data.Outputs);
        var operations = report.Training.Samples * TrainingOperations.OfSample(products);
        return double.IsNaN(operations) ? null : operations;
    }
}
