using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Plans;

/// <summary>Nodes do not wait for each other: a schedule of simulated time, or the order in which they arrive by the
/// clock, says whose training ends in which round.</summary>
/// <remarks>
/// Where only the newest models are tested, those take part whose training ends in the round or who begin with its
/// model, and the server. Else all members do.
/// </remarks>
internal sealed class AsynchronousProtocol(Plan plan, IAsynchronousAlgorithm algorithm, RoundSchedule schedule)
    : RoundProtocol(plan)
{
    /// <inheritdoc/>
    public override bool IsAsynchronous => true;

    /// <inheritdoc/>
    public override ArrivalSchedule? Arrivals =>
        Plan.Pace is AsynchronousPace { IsLive: true } ? (ArrivalSchedule)schedule : null;

    /// <inheritdoc/>
    public override IReadOnlyList<int> Participants(int round)
    {
        if (!algorithm.TestsNewestOnly) return base.Participants(round);
        var now = schedule.Of(round);
        var server = Plan.Members(round).Server;
        return [.. now.Finishes.Select(f => f.Node).Concat(now.Begun).Append(server).Distinct().Order()];
    }

    /// <inheritdoc/>
    public override bool Trains(int node, int round) =>
        Plan.Members(round).Has(node) && schedule.Of(round).Trains(node);

    /// <inheritdoc/>
    public override bool Tests(int node, int round) =>
        !algorithm.TestsNewestOnly || node == Plan.Members(round).Server
        || Plan.Receives(node, round, Plan.Exchanges.Count - 1);

    /// <inheritdoc/>
    public override string Refusal(MembershipChange change) =>
        "The nodes go by a schedule that was made for these members; change them in another run.";

    /// <inheritdoc/>
    public override ScheduledRound Scheduled(int round) => schedule.Of(round);

    /// <inheritdoc/>
    public override LiveSchedule Live(IReadOnlyList<int> ranks) =>
        algorithm.Live(new LiveNodes(ranks, Plan.Seeds) { Samples = n => Plan.TrainIndices(n).Length });
}
