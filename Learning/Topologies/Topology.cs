using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;

namespace Orleans.FL.Learning.Topologies;

/// <summary>Who is connected to whom. With its mixing weights, a sparse row-stochastic matrix.</summary>
/// <param name="options">Options that all topologies share.</param>
public abstract class Topology(TopologyOptions options) : ICheckExperiment
{
    /// <summary>Options that all topologies share.</summary>
    protected TopologyOptions Shared { get; } = options;

    /// <summary>Rank of the node that gathers and spreads, if the topology has one.</summary>
    public virtual int? Hub => null;

    /// <summary>Whether weights are Metropolis–Hastings ones; otherwise each node weighs all that it hears alike.</summary>
    public bool MetropolisHastings => Shared.Mixing == TopologyOptions.MetropolisHastings;

    /// <summary>Why the topology cannot be drawn for so many nodes, with the nearest numbers that work; null if it can.</summary>
    /// <param name="nodes">Number of nodes, at least 1.</param>
    public virtual string? Refusal(int nodes) => null;

    /// <summary>The graph of one round.</summary>
    /// <param name="nodes">Number of nodes; <see cref="Refusal"/> must be null for it.</param>
    /// <param name="seeds">Randomness of random graphs.</param>
    /// <param name="round">Round, from 0; static topologies give the same graph in each.</param>
    public abstract Graph Draw(int nodes, Seeds seeds, int round);

    /// <inheritdoc/>
    public virtual IEnumerable<Fault> Check(Experiment experiment)
    {
        if (Refusal(experiment.Nodes) is { } refusal) yield return new Fault("", refusal);
    }
}

/// <summary>Options that all topologies share.</summary>
public record TopologyOptions
{
    internal const string MetropolisHastings = "metropolis-hastings";
    internal const string Uniform = "uniform";

    /// <summary>How a node weighs what it hears.</summary>
    [Option("How a node weighs what it hears: metropolis-hastings, 1/(1 + the larger degree), is doubly stochastic; "
        + "uniform, 1/(1 + its degree), is the original's.", Values = [MetropolisHastings, Uniform])]
    public string Mixing { get; init; } = MetropolisHastings;
}
