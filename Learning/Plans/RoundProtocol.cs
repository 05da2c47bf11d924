using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Paces.Schedules;

namespace Orleans.FL.Learning.Plans;

/// <summary>How a round goes: which nodes take part, train, must catch up first, are tested, and hold a model
/// afterwards.</summary>
/// <remarks>One for each run, owned by its <see cref="Plan"/>. Pure and thread-safe: every silo asks its own and gets
/// the same answers.</remarks>
public abstract class RoundProtocol
{
    private protected RoundProtocol(Plan plan)
    {
        Plan = plan;
        StreamsAggregation = plan.Exchanges is [ExchangeKind.Gather
            or ExchangeKind.GatherBySamples, ExchangeKind.Broadcast]
            && plan.Path.AggregatesBySums
            && plan.Algorithms.All(a => !a.PersistentState.HasModel && !a.Requires.EachUpdate);
    }

    /// <summary>The run's plan.</summary>
    private protected Plan Plan { get; }

    /// <summary>Whether nodes go by a schedule and do not wait for each other.</summary>
    public virtual bool IsAsynchronous => false;

    /// <summary>The rounds of a run whose nodes go by the clock, as its coordinator announces them
    /// (<see cref="Plan.Announce"/>); null where they follow from the experiment.</summary>
    public virtual ArrivalSchedule? Arrivals => null;

    /// <summary>Whether some nodes drop their model at the end of a round, and are idle until they are
    /// sampled.</summary>
    public virtual bool HasIdleNodes => false;

    /// <summary>Whether a node that holds a model after a round holds a part of it and zeros elsewhere, so that the
    /// run's model is their sum, not their mean.</summary>
    public virtual bool SplitsModel => false;

    /// <summary>Whether what nodes train may be added up while it is in the cache: a sender then goes on with the
    /// weights that its training began with.</summary>
    public bool StreamsAggregation { get; }

    /// <summary>The nodes that take part in a round, ascending; no other node is asked for anything.</summary>
    /// <param name="round">Round, from 0.</param>
    public virtual IReadOnlyList<int> Participants(int round) => Plan.Members(round).Ranks;

    /// <summary>The nodes that receive the server's model of the last round before this one begins,
    /// ascending.</summary>
    /// <param name="round">Round, from 0.</param>
    public virtual IEnumerable<int> CatchingUp(int round) => [];

    /// <summary>Whether a node trains in a round, in the phase before the exchanges.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public abstract bool Trains(int node, int round);

    /// <summary>The nodes that train in a round, ascending.</summary>
    /// <param name="round">Round, from 0.</param>
    public virtual IEnumerable<int> Trainers(int round) => Plan.Members(round).Ranks.Where(n => Trains(n, round));

    /// <summary>Whether a node is tested in the phase after the exchanges of a round that is tested.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual bool Tests(int node, int round) => true;

    /// <summary>Those whose models a round's test was of.</summary>
    /// <param name="round">Round, from 0; it is tested.</param>
    /// <param name="nodes">Those that hold a model at the end of the run.</param>
    public virtual IReadOnlyList<int> Tested(int round, IReadOnlyList<int> nodes) =>
        [.. nodes.Where(n => Tests(n, round))];

    /// <summary>The nodes that hold a model after a round, ascending.</summary>
    /// <param name="round">Round, from 0.</param>
    public virtual IReadOnlyList<int> Holders(int round) => Plan.Members(round).Ranks;

    /// <summary>Whether a node drops its model at the end of a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual bool DropsModel(int node, int round) => false;

    /// <summary>What an idle node keeps of its state.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="state">Its state after the round.</param>
    /// <returns>The state; null if nothing is left that a new node would not have.</returns>
    public virtual LearnerState? StateWhenIdle(int node, LearnerState state) => state;

    /// <summary>Why the run cannot go on when a node that takes part in a round is absent; null if it can.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual string? RefusalOfAbsence(int node, int round) => null;

    /// <summary>Why the members cannot change while the run goes on, with the remedy; null if they can.</summary>
    /// <param name="change">The change.</param>
    public virtual string? Refusal(MembershipChange change) => null;

    /// <summary>What happens in a round of a schedule; null where nodes wait for each other.</summary>
    /// <param name="round">Round, from 0.</param>
    public virtual ScheduledRound? Scheduled(int round) => null;

    /// <summary>What makes rounds of nodes that go by the clock.</summary>
    /// <param name="ranks">Ranks of the members that have a seat, ascending.</param>
    public virtual LiveSchedule Live(IReadOnlyList<int> ranks) =>
        throw new InvalidOperationException("The algorithm does not go by the clock.");

    /// <summary>The same protocol for the same run with other changes of its members.</summary>
    private protected virtual RoundProtocol For(Plan plan) => Of(plan);

    /// <summary>The protocol of a run.</summary>
    /// <param name="plan">The plan, whose samples, members and exchanges are known.</param>
    /// <param name="before">The protocol of the plan that has fewer changes of the members, if there is one.</param>
    internal static RoundProtocol Of(Plan plan, RoundProtocol? before = null)
    {
        if (before is not null) return before.For(plan);
        var requires = plan.Main.Requires;
        if (plan.Main is IAsynchronousAlgorithm algorithm && plan.OwnSchedule() is { } schedule)
            return new AsynchronousProtocol(plan, algorithm, schedule);
        if (requires.PooledData) return new PooledProtocol(plan);
        if (plan.Exchanges.Contains(ExchangeKind.SplitSession)) return new SequentialProtocol(plan);
        return SampledProtocol.Fits(plan) ? new SampledProtocol(plan) : new SynchronousProtocol(plan);
    }
}
