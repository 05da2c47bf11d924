using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Runs.State;

/// <summary>What the coordinator of a run knows of it; nothing here makes a call.</summary>
/// <param name="claim">The epoch.</param>
/// <param name="cluster">The silos.</param>
internal sealed class RunData(RunClaim claim, ISiloView cluster)
{
    /// <summary>Run id.</summary>
    public string Run => claim.Run;

    private RoundHistory? _history;

    /// <summary>The epoch that orders carry.</summary>
    public long Epoch => claim.Epoch;

    /// <summary>Experiment, changes of the members, and plan.</summary>
    public RunPlan Plans { get; } = new();

    /// <summary>How far the run is.</summary>
    public RoundHistory History => _history ??= new(() => Plans.Task.Main);

    /// <summary>Which state each node is in.</summary>
    public NodeVersions Versions { get; } = new();

    /// <summary>Who sits where.</summary>
    public RunSeats Seats { get; } = new(cluster);

    /// <summary>The plan.</summary>
    public Plan Plan => Plans.Plan;

    /// <summary>The experiment.</summary>
    public Experiment Experiment => Plans.Experiment;

    /// <summary>Those that missed the exchanges of a round that is recorded, not their training alone.</summary>
    /// <param name="round">Round, from 0; -1 gives nobody.</param>
    public IEnumerable<Absence> AbsentFromExchanges(int round) =>
        History.AbsentIn(round).Where(a => a.Phase != PhaseName.Train || !Plan.PassesOn(a.Node, round));

    /// <summary>Who missed what in a round that is recorded.</summary>
    /// <param name="round">Round, from 0.</param>
    public RoundMisses MissesOf(int round) => new(
        ReasonsOf(History.AbsentIn(round).Where(a => PhaseName.IsBeforeUpdates(a.Phase))),
        ReasonsOf(AbsentFromExchanges(round).Where(a => a.Phase != PhaseName.Test)));

    private static Dictionary<int, string> ReasonsOf(IEnumerable<Absence> absences) =>
        absences.DistinctBy(a => a.Node).ToDictionary(a => a.Node, a => a.Reason);
}
