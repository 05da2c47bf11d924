using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>Where the time of a run went.</summary>
/// <param name="Rounds">Rounds done.</param>
/// <param name="Seconds">Seconds that the run was worked on; without those in which it was paused.</param>
/// <param name="Paused">Those.</param>
/// <param name="Phases">What the run was in, the longest first.</param>
/// <param name="Training">Rates over the time of training alone; null if there was none.</param>
/// <param name="InRounds">Rates over the time of rounds: all but pauses, seating, taking up and the end.</param>
/// <param name="Lanes">What the lanes did, by silo; empty if that is not known.</param>
/// <param name="TrainingShare">Part of the lanes' time in rounds that was training, 0 to 1.</param>
/// <param name="Slowest">The longest rounds, the longest first.</param>
internal sealed record RunTimes(
    int Rounds, double Seconds, double Paused, IReadOnlyList<PhaseTime> Phases, TrainingRates? Training,
    TrainingRates? InRounds, IReadOnlyList<SiloLanes> Lanes, double TrainingShare, IReadOnlyList<SlowRound> Slowest)
{
    /// <summary>The phase of training.</summary>
    public const string Train = "train";

    /// <summary>The phase in which nothing is done because somebody asked for it.</summary>
    public const string Pause = "paused";

    private const int SlowestShown = 3;
    private static readonly string[] Outside = [Pause, "seat", "take up", "end"];

    /// <summary>The times of a run.</summary>
    /// <param name="events">Its events.</param>
    /// <param name="phases">Lines of its <c>phases.csv</c>; rounds that are not there are taken from the
    /// events.</param>
    /// <param name="lanes">Lines of its <c>lanes.csv</c>.</param>
    /// <returns>Null if no round of it has its times.</returns>
    public static RunTimes? Of(
        IReadOnlyList<RunEvent> events, IReadOnlyList<PhaseRow> phases, IReadOnlyList<LaneRow> lanes)
    {
        var rounds = events.OfType<RoundEvent>().Where(r => r.Work is not null).ToList();
        if (rounds.Count == 0) return null;
        var known = phases.Select(p => p.Round).ToHashSet();
        List<PhaseRow> rows = [.. phases, .. rounds.Where(r => !known.Contains(r.Round)).SelectMany(r =>
            r.Work!.Phases.Select(p => new PhaseRow(r.Round, p.Phase, p.Seconds)))];
        var paused = Sum(rows, p => p.Phase == Pause);
        var seconds = Sum(rows, p => p.Phase != Pause);
        var inRounds = Sum(rows, InRound);
        var done = rounds.Select(r => r.Round).ToHashSet();
        var slowest = rows.Where(p => InRound(p) && done.Contains(p.Round)).GroupBy(p => p.Round).Select(SlowRound.Of)
            .OrderByDescending(r => r.Seconds).ThenBy(r => r.Round).Take(SlowestShown);
        return new RunTimes(rounds.Count, seconds, paused, [.. rows.Where(p => p.Phase != Pause).GroupBy(p => p.Phase)
            .Select(g => (Phase: g.Key, Seconds: g.Sum(p => p.Seconds)))
            .OrderByDescending(p => p.Seconds).Select(p => new PhaseTime(p.Phase, p.Seconds, p.Seconds / seconds))],
            TrainingRates.Over(Sum(rows, p => p.Phase == Train), rounds), TrainingRates.Over(inRounds, rounds),
            SiloLanes.Of(lanes), rounds.Sum(r => r.Work!.LaneSeconds)
                / (rounds.Average(r => (double)r.Work!.Lanes) * inRounds), [.. slowest]);
    }

    private static bool InRound(PhaseRow row) => !Outside.Contains(row.Phase);

    private static double Sum(IEnumerable<PhaseRow> rows, Func<PhaseRow, bool> which) =>
        rows.Where(which).Sum(p => p.Seconds);
}

/// <summary>A phase and its part of the run.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Seconds">Seconds of all rounds.</param>
/// <param name="Share">Part of the run's seconds, 0 to 1.</param>
internal sealed record PhaseTime(string Phase, double Seconds, double Share);
