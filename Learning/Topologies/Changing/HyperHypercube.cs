using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>
/// Groups average in turn: node numbers are written with the factors of the number of nodes as digits, and a round
/// mixes along one digit.
/// </summary>
/// <remarks>
/// Algorithm 1 of the paper. All nodes hold the mean after one period. Exists only if no prime factor is above
/// maxDegree + 1.
/// </remarks>
/// <param name="options">Largest degree, mixing weights.</param>
[Component("hyper-hypercube", Summary = "Groups average in turn, so that all nodes hold the mean after a period; "
    + "for numbers of nodes with small factors.", Aliases = ["hyper_hypercube"],
    Source = "Takezawa et al., Beyond Exponential Graph: Communication-Efficient Topologies for Decentralized Learning "
        + "via Finite-time Convergence, NeurIPS 2023, arXiv:2305.11420, Algorithm 1")]
public sealed class HyperHypercube(HyperHypercube.Options options) : Schedule(options)
{
    /// <summary>Options of <see cref="HyperHypercube"/>.</summary>
    public sealed record Options : WeightedTopologyOptions
    {
        /// <summary>Most neighbours of a node in a round.</summary>
        [Option("Most neighbours of a node in a round (k); no prime factor of the number of nodes may be above k + 1.",
            Min = 1, Max = 10_000)]
        public int MaxDegree { get; init; } = 2;
    }

    /// <inheritdoc/>
    public override string? Refusal(int nodes)
    {
        if (HyperHypercubeRounds.Factors(nodes, options.MaxDegree) is not null) return null;
        var needed = options.MaxDegree;
        while (HyperHypercubeRounds.Factors(nodes, needed) is null) needed++;
        return $"{nodes} nodes have the prime factor {needed + 1}, but with a degree of at most {options.MaxDegree} "
            + $"groups have at most {options.MaxDegree + 1} nodes. Nearest that works: maxDegree {needed}; "
            + "or take base-graph, which works for any number of nodes.";
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<Graph> Rounds(int nodes)
    {
        var stride = 1;
        var rounds = new List<Graph>();
        foreach (var size in HyperHypercubeRounds.Factors(nodes, options.MaxDegree) ?? [])
        {
            rounds.Add(new GroupGraph(nodes, stride, size));
            stride *= size;
        }
        return rounds;
    }
}
