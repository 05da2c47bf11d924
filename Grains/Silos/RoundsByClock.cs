using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Grains.Silos;

/// <summary>Rounds that were made of arrivals, as the wire and the journal hold them.</summary>
internal static class RoundsByClock
{
    /// <summary>What made a round.</summary>
    /// <param name="round">The round.</param>
    public static RoundArrivals Of(ScheduledRound round) => new([.. round.Finishes.Select(f => f.Node)],
        [.. round.Finishes.Select(f => f.Began ?? 0)], [.. round.Finishes.Select(f => f.Trainings)], [.. round.Begun]);

    /// <summary>The round.</summary>
    /// <param name="round">Its number, from 0.</param>
    /// <param name="arrivals">What made it.</param>
    /// <param name="hasServer">Whether updates get stale, as a server's do.</param>
    public static ScheduledRound Of(int round, RoundArrivals arrivals, bool hasServer) =>
        new(
            double.NaN,
            [.. arrivals.Nodes.Select((node, i) =>
                new Finish(node, double.NaN, hasServer ? round - arrivals.Began[i] : null, arrivals.Trainings[i])
                {
                    Began = arrivals.Began[i]
                })],
            arrivals.Begun);
}
