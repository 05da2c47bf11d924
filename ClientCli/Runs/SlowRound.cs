using Orleans.FL.Learning.Records;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>A round that took long.</summary>
/// <param name="Round">The round.</param>
/// <param name="Seconds">Its seconds, without pauses and seating.</param>
/// <param name="Phase">The phase that it was in longest.</param>
/// <param name="PhaseSeconds">How long.</param>
/// <param name="Begun">How often its training was begun; more than once if it was given up or done again.</param>
internal sealed record SlowRound(int Round, double Seconds, string Phase, double PhaseSeconds, int Begun)
{
    /// <summary>A round from its phases.</summary>
    public static SlowRound Of(IGrouping<int, PhaseRow> round)
    {
        var longest = round.GroupBy(p => p.Phase).Select(g => (Phase: g.Key, Seconds: g.Sum(p => p.Seconds)))
            .MaxBy(p => p.Seconds);
        return new SlowRound(round.Key, round.Sum(p => p.Seconds), longest.Phase, longest.Seconds,
            round.Count(p => p.Phase == RunTimes.Train));
    }
}
