using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose nodes do not wait for each other, under paces other than
/// <c>synchronous</c>.</summary>
/// <remarks>Its <see cref="Requirements.Paces"/> name the paces. Who trains in which round follows from a
/// schedule.</remarks>
public interface IAsynchronousAlgorithm
{
    /// <summary>Whether a round's test is of those that hold its newest model alone: the server, and who received it
    /// in the last exchange.</summary>
    /// <remarks>Nobody else takes part in the round then, but those whose training ends in it.</remarks>
    bool TestsNewestOnly => false;

    /// <summary>The exchanges of a round of a schedule, in order.</summary>
    /// <param name="topology">The experiment's topology.</param>
    IReadOnlyList<ExchangeKind> ScheduledExchanges(Topology topology);

    /// <summary>What happens when in simulated time. A new one for each call.</summary>
    /// <remarks>Who trains in a round, <see cref="PeerSamplingContext.Scheduled"/> and the simulated time go by
    /// it.</remarks>
    /// <param name="nodes">The nodes, and how long things take.</param>
    RoundSchedule Schedule(ScheduledNodes nodes);

    /// <summary>What makes rounds of the nodes as they arrive by the clock. A new one for each call.</summary>
    /// <param name="nodes">The nodes.</param>
    LiveSchedule Live(LiveNodes nodes);
}
