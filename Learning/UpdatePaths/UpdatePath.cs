using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Filters;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.UpdatePaths;

/// <summary>
/// What happens to an update between the algorithm of its sender and that of its receiver: filters → attack →
/// validation → (the wire) → validation → aggregator.
/// </summary>
/// <remarks>The one place of these stations: simulation and cluster go through it alike. Thread-safe.</remarks>
/// <param name="filters">What each update passes, in this order.</param>
/// <param name="attackers">The attackers, which send something else.</param>
/// <param name="aggregator">What makes one model of the updates of a row.</param>
public sealed class UpdatePath(IReadOnlyList<UpdateFilter> filters, Attackers attackers, Aggregator aggregator)
{
    /// <summary>What makes one model of the updates of a row.</summary>
    public Aggregator Aggregator => aggregator;

    /// <summary>Whether sums of updates are all that receivers need of them.</summary>
    public bool AggregatesBySums => aggregator.Sight == Sight.Sums;

    /// <summary>Fewest updates of a row.</summary>
    public int Fewest => aggregator.Fewest;

    /// <summary>Whether updates may be refused, and their senders be absent for it.</summary>
    public bool MayRefuse => filters.Count > 0 || attackers.Any || !AggregatesBySums;

    /// <summary>Whether a node attacks in a round.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool Attacks(int node, int round) => attackers.Of(node, round) is not null;

    /// <summary>Whether a node's updates are sent as its algorithm composes them.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public bool IsPlain(int node, int round) => filters.Count == 0 && !Attacks(node, round);

    /// <summary>The samples that a node trains on.</summary>
    /// <param name="own">Its own.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public SampleSet Samples(SampleSet own, int node, int round) =>
        attackers.Of(node, round)?.Attack.Poison(own, node, round) ?? own;

    /// <summary>What is added to the loss in a node's training.</summary>
    /// <param name="honest">What its algorithm adds.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public LocalObjective Objective(LocalObjective honest, int node, int round) =>
        attackers.Of(node, round)?.Attack.Objective(honest, node, round) ?? honest;

    /// <summary>What an honest node sends.</summary>
    /// <param name="composed">What its algorithm composed.</param>
    /// <param name="context">Whose it is, of which round, and what it was at the round's start.</param>
    public Update Filter(Update composed, UpdateContext context)
    {
        var weights = composed.Weights;
        for (var i = 0; i < filters.Count; i++)
            weights = filters[i].Apply(weights, context with { Station = $"filters/{i}" });
        return ReferenceEquals(weights, composed.Weights) ? composed : composed with { Weights = weights };
    }

    /// <summary>What a node sends, honest or not.</summary>
    /// <param name="composed">What its algorithm composed.</param>
    /// <param name="context">Whose it is, of which round, and what it was at the round's start.</param>
    /// <param name="shape">What it must be made of.</param>
    /// <param name="limit">What each value that filters or attack changed must be below in magnitude.</param>
    /// <param name="attacks">Whether it may attack; false for a server.</param>
    /// <exception cref="RefusedUpdateException">Nobody would take it: it has another shape, or values that are not
    /// finite.</exception>
    public Update Send(Update composed, UpdateContext context, UpdateShape shape, float limit, bool attacks = true)
    {
        var update = Filter(composed, context);
        if (attacks && attackers.Of(context.Node, context.Round) is { } attacker)
            update = attacker.Attack.Send(update, context with { Station = $"attackers/{attacker.Group}" });
        if (UpdateValidation.Refusal(update, composed, shape, limit) is { } refusal)
            throw new RefusedUpdateException($"The update of node {context.Node} is refused: it has {refusal}.");
        return update;
    }

    /// <summary>What was received, to be aggregated by the experiment's aggregator.</summary>
    /// <param name="received">At least one update.</param>
    /// <exception cref="RefusedUpdateException">There are too few for the aggregator.</exception>
    /// <exception cref="NotSummableException">One has values that are not finite; names its sender.</exception>
    public ReceivedUpdates Receive(ReceivedUpdates received)
    {
        if (AggregatesBySums || received.IsAggregated) return received;
        if (received.Count < aggregator.Fewest)
            throw new RefusedUpdateException($"It received {received.Count} updates, its own among them if its row "
                + $"holds it, and its aggregator needs {aggregator.Fewest}.");
        foreach (var (node, _, update) in received.Updates) UpdateValidation.RequireFinite(node, update);
        return received.Through(aggregator.Over(received.Updates));
    }
}
