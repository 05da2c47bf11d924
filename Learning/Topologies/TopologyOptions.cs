using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Topologies;

/// <summary>Options that all topologies share.</summary>
public record TopologyOptions
{
    /// <summary>Doubly stochastic on undirected graphs, from degrees alone.</summary>
    public const string MetropolisHastings = "metropolis-hastings";

    /// <summary>All that a node receives from, and itself, count alike.</summary>
    public const string Uniform = "uniform";

    /// <summary>All edges of the graph count alike.</summary>
    public const string EqualEdges = "max-degree";

    /// <summary>The weights that the graph comes with.</summary>
    public const string Own = "own";

    /// <summary><see cref="Own"/> where the graph comes with weights, else
    /// <see cref="MetropolisHastings"/>.</summary>
    public const string Auto = "auto";

    /// <summary>Half of the identity and half of the topology's own weights, or of Metropolis–Hastings ones.</summary>
    public const string Lazy = "lazy";

    /// <summary>How a node weighs what it receives.</summary>
    [Option("How a node weighs what it receives: metropolis-hastings, 1/(1 + the larger degree), is doubly stochastic; "
        + "uniform, 1/(1 + its degree), is the original's; max-degree, 1/(1 + the largest degree of all); "
        + "own, the weights that the topology comes with; lazy, (I + W)/2, where W is own if there is such and else "
        + "metropolis-hastings; auto, own if there is such and else metropolis-hastings.",
        Values = [MetropolisHastings, Uniform, EqualEdges, Own, Lazy, Auto])]
    public string Mixing { get; init; } = MetropolisHastings;

    /// <summary>Most partners of a node in a round; 0 means all neighbours.</summary>
    [Option("Most neighbours that a node receives from in a round, chosen anew each time; 0 = all. "
        + "Their weights grow so that rows keep their mean, and sum to 1.", Min = 0, Max = 1_000_000)]
    public int MaxPartners { get; init; }

    /// <summary>Whether weights that come with the graph are used.</summary>
    internal bool UsesOwnWeights => Mixing is Own or Lazy or Auto;
}

/// <summary>Options of topologies whose graphs come with weights of their own, which are the default.</summary>
public record WeightedTopologyOptions : TopologyOptions
{
    /// <summary>Options with their defaults.</summary>
    public WeightedTopologyOptions() => Mixing = Own;
}

/// <summary>Options that all random topologies share.</summary>
public record RandomTopologyOptions : TopologyOptions
{
    /// <summary>Whether graphs are drawn until one is connected.</summary>
    [Option("Whether graphs are drawn until one is connected: each node can be reached from each other.")]
    public bool Connected { get; init; } = true;

    /// <summary>Rounds after which the graph is drawn anew; 0 means never.</summary>
    [Option("Rounds after which the graph is drawn anew; 0 = never.", Min = 0, Max = 1_000_000)]
    public int RedrawEvery { get; init; }
}
