using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>In turn each node receives from the one 1, 2, 4, … after it, and averages with it.</summary>
/// <remarks>
/// All nodes hold the same after one period exactly if their number is a power of two; otherwise they only come closer.
/// </remarks>
/// <param name="options">Mixing weights; by default those of the paper.</param>
[Component("one-peer-exponential",
    Summary = "In turn each node receives from the one 1, 2, 4, … after it; exact after a period for powers of two.",
    Aliases = ["one_peer_exponential"],
    Source = "Ying et al., Exponential Graph is Provably Efficient for Decentralized Deep Training, NeurIPS 2021, "
        + "arXiv:2110.13363, eq. (7)")]
public sealed class OnePeerExponential(OnePeerExponential.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="OnePeerExponential"/>.</summary>
    public sealed record Options : WeightedTopologyOptions;

    /// <inheritdoc/>
    public override bool Directed => true;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    public override int Period(int nodes) => Math.Max(1, Steps(nodes));

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round) => new CirculantGraph(nodes,
        nodes == 1 ? new Dictionary<int, double>() : new Dictionary<int, double> { [1 << Phase(nodes, round)] = 0.5 });

    /// <summary>The binary logarithm of the number of nodes, rounded up: how many powers of two are below it.</summary>
    internal static int Steps(int nodes)
    {
        var steps = 0;
        while (1L << steps < nodes) steps++;
        return steps;
    }
}
