using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>An algorithm whose nodes do not wait for each other, under paces other than
/// <c>synchronous</c>.</summary>
/// <remarks>Its <see cref="Requirements.Paces"/> name the paces. Who trains in which round follows from a
/// schedule.</remarks>
public interface IAsynchronousAlgorithm
{
    /// <summary>Whether a round tests only the nodes that hold its newest model: the server, and those that received
    /// it in the last exchange.</summary>
    /// <remarks>Apart from these, only nodes whose training ends in the round take part in it.</remarks>
    bool TestsNewestOnly => false;

    /// <summary>The exchanges of a round of a schedule, in order.</summary>
    /// <param name="topology">The experiment's topology.</param>
    IReadOnlyList<ExchangeKind> ScheduledExchanges(Topology topology);

    /// <summary>What happens when in simulated time. A new one for each call.</summary>
    /// <remarks>Who trains in a round, <see cref="PeerSamplingContext.Scheduled"/> and the simulated time go by
    /// it.</remarks>
    /// <param name="nodes">The nodes, and how long things take.</param>
    RoundSchedule Schedule(ScheduledNodes nodes);

    /// <summary>Forms rounds from the nodes in the order in which they arrive by the clock. A new one for each
    /// call.</summary>
    /// <param name="nodes">The nodes.</param>
    LiveSchedule Live(LiveNodes nodes);
}
