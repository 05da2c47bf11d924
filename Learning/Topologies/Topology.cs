using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// Who receives from whom in which round. With its mixing weights, a sparse stochastic matrix a round.
/// </summary>
/// <remarks>A graph follows from options, number of nodes, seed and round alone: all silos draw the same.</remarks>
/// <param name="options">Options that all topologies share.</param>
public abstract class Topology(TopologyOptions options) : ICheckSettings
{
    /// <summary>Options that all topologies share.</summary>
    protected TopologyOptions Shared { get; } = options;

    /// <summary>Rank of the node that gathers and spreads, if the topology has one.</summary>
    public virtual int? Server => null;

    /// <summary>
    /// Whether a node may receive from another one that does not receive from it, partners that are chosen aside.
    /// </summary>
    public virtual bool Directed => false;

    /// <summary>Whether its graphs come with weights of their own, which <c>mixing: own</c> uses.</summary>
    public virtual bool Weighted => false;

    /// <summary>Whether each of its graphs is connected by how it is made, so that none need be drawn to know
    /// it.</summary>
    public virtual bool IsConnectedAnyhow => false;

    /// <summary>
    /// Why the topology cannot be drawn for so many nodes, with the nearest numbers that work; null if it can.
    /// </summary>
    /// <param name="nodes">Number of nodes, at least 1.</param>
    public virtual string? Refusal(int nodes) => null;

    /// <summary>
    /// What became of the number of nodes, in words, e.g. <c>3 × 4</c>; null if that goes without saying.
    /// </summary>
    /// <param name="nodes">Number of nodes.</param>
    public virtual string? Shape(int nodes) => null;

    /// <summary>
    /// Number of rounds after which the graphs repeat: 1 if they are all the same, 0 if they never do.
    /// </summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    public virtual int Period(int nodes) => 1;

    /// <summary>Which graph a round has: rounds of one phase have the same.</summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    /// <param name="round">Round, from 0.</param>
    public virtual int Phase(int nodes, int round) =>
        Period(nodes) is var period && period > 0 ? round % period : round;

    /// <summary>The graph of one round.</summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    /// <param name="seeds">Randomness of random graphs.</param>
    /// <param name="round">Round, from 0; static topologies give the same graph in each.</param>
    public abstract Graph Draw(int nodes, Seeds seeds, int round);

    /// <summary>The mixing matrix of one round.</summary>
    /// <param name="graph">The graph of the round, as <see cref="Draw"/> gives it.</param>
    /// <param name="seeds">Randomness of partners that are chosen.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="columns">Whether the weights of what a node sends sum to one (column-stochastic), not those of what
    /// it receives.</param>
    public Mixing Mix(Graph graph, Seeds seeds, int round, bool columns = false) =>
        new(graph, Shared, columns, Shared.MaxPartners > 0 && Shared.MaxPartners < graph.LargestDegree
            ? PartnerSample.Of(graph, Shared.MaxPartners, seeds, round, columns)
            : null);

    /// <summary>
    /// Number of rounds after which the mixing matrices repeat: 1 if they are all the same, 0 if they never do.
    /// </summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    public int MixingPeriod(int nodes) => Shared.MaxPartners > 0 ? 0 : Period(nodes);

    /// <summary>Which mixing matrix a round has: rounds of one phase have the same.</summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    /// <param name="round">Round, from 0.</param>
    public int MixingPhase(int nodes, int round) => Shared.MaxPartners > 0 ? round : Phase(nodes, round);

    /// <summary>Whether rounds have different mixing matrices, those of one period compared.</summary>
    /// <param name="nodes">Number of nodes.</param>
    public bool Changes(int nodes) => Refusal(nodes) is null && MixingPeriod(nodes) != 1;

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (Refusal(facts.InitialMembers) is { } refusal) yield return new ValidationError("", refusal);
        if (Shared.Mixing == TopologyOptions.Own && !Weighted)
            yield return new ValidationError("mixing",
                $"'{facts.Topology}' has no weights of its own; use {TopologyOptions.MetropolisHastings}.");
        if (Shared.MaxPartners > 0 && Weighted && Shared.UsesOwnWeights)
            yield return new ValidationError("maxPartners", "Choosing partners would break the weights that the "
                + $"topology comes with; leave it out, or set mixing to {TopologyOptions.MetropolisHastings}.");
    }
}
