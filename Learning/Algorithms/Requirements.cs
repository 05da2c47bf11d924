using Orleans.FL.Learning.Paces;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>What an experiment must give an algorithm, as data: it is checked before anything starts, and the plan
/// goes by it.</summary>
/// <remarks>Each default is what most algorithms need. One that asks for too little gets an error as soon as it
/// misses something.</remarks>
public sealed record Requirements
{
    /// <summary>Nothing in particular.</summary>
    public static Requirements None { get; } = new();

    /// <summary>Names of the paces that it knows.</summary>
    public IReadOnlyList<string> Paces { get; init; } = [Pace.Synchronous, Pace.SimulatedTime];

    /// <summary>Share of the nodes that train in a round (C of McMahan et al. 2017), from 0 to 1; at least one node
    /// does.</summary>
    public double ClientFraction { get; init; } = 1;

    /// <summary>Whether there must be a server.</summary>
    public bool Server { get; init; }

    /// <summary>Whether the server gets no samples: they are split among the other nodes.</summary>
    public bool ServerWithoutData { get; init; }

    /// <summary>Whether the samples of all nodes are pooled at the server, which alone trains.</summary>
    public bool PooledData { get; init; }

    /// <summary>Whether the server, where there is one, must have another algorithm: what this one receives leaves no
    /// trace.</summary>
    public bool NotAtServer { get; init; }

    /// <summary>Whether the topology must have the same mixing rows, with the same members, in each round.</summary>
    public bool FixedRows { get; init; }

    /// <summary>Whether what a node sends must come to all others in time, by the graphs of the rounds together: what
    /// it computes is wrong where it does not.</summary>
    public bool Connected { get; init; }

    /// <summary>Whether each node must hold samples out for validation.</summary>
    public bool Validation { get; init; }

    /// <summary>Whether there must be samples that all nodes may look at.</summary>
    public bool PublicSet { get; init; }

    /// <summary>Whether its local objective is more than the dense and the batched engine can do, so that libtorch
    /// trains one node at a time.</summary>
    public bool Torch { get; init; }

    /// <summary>Whether <see cref="Algorithm.Combine"/> looks at single updates. If not, it gets means and sums only,
    /// which silos add up on the way.</summary>
    public bool EachUpdate { get; init; }
}
