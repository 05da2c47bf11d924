using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies.Changing;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>
/// The mean of random basis graphs, in each of which all nodes receive from the one at the same distance.
/// </summary>
/// <remarks>
/// D-EquiStatic: W = (1/M)·Σ A(u), where A(u) has (n - 1)/n from node i + u and 1/n from oneself, u drawn from 1 … n
/// - 1 with repetition. U-EquiStatic, the default: (W + Wᵀ)/2. Mixes at a rate that does not depend on n, for M of the
/// order of ln(n).
/// </remarks>
/// <param name="options">Direction, basis graphs, connectivity, when to draw anew, mixing weights.</param>
[Component("equi-static",
    Summary = "The mean of random basis graphs: mixes at a rate that does not depend on the number of nodes.",
    Aliases = ["equi_static", "d-equistatic", "u-equistatic"],
    Source = "Song et al., Communication-Efficient Topologies for Decentralized Learning with O(1) Consensus Rate, "
        + "NeurIPS 2022, arXiv:2210.07881, Algorithms 1 and 2")]
public sealed class EquiStatic(EquiStatic.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="EquiStatic"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Options with their defaults: the paper's weights.</summary>
        public Options() => Mixing = Own;

        /// <summary>Whether a node receives from others that do not receive from it.</summary>
        [Option("Whether edges have directions (D-EquiStatic); "
            + "otherwise each basis graph is used both ways (U-EquiStatic).")]
        public bool Directed { get; init; }

        /// <summary>
        /// Basis graphs whose mean is taken; 0 means the binary logarithm of the number of nodes, rounded up.
        /// </summary>
        [Option("Basis graphs whose mean is taken (M); 0 = the binary logarithm of the number of nodes, rounded up.",
            Min = 0, Max = 10_000)]
        public int Basis { get; init; }
    }

    /// <inheritdoc/>
    public override bool Directed => options.Directed;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    protected override string Purpose => "equi-static";

    /// <inheritdoc/>
    protected override string Remedy => "raise basis, or set connected to false";

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var offsets = new SortedDictionary<int, double>();
        if (nodes == 1) return new CirculantGraph(1, offsets);
        var basis = options.Basis > 0 ? options.Basis : OnePeerExponential.Steps(nodes);
        var counts = new SortedDictionary<int, int>();
        for (var m = 0; m < basis; m++)
        {
            var offset = 1 + stream.NextInt(nodes - 1);
            counts[offset] = counts.GetValueOrDefault(offset) + 1;
            if (!options.Directed) counts[nodes - offset] = counts.GetValueOrDefault(nodes - offset) + 1;
        }
        foreach (var (offset, count) in counts)
            offsets[offset] = count * (nodes - 1.0) / nodes / (options.Directed ? basis : 2 * basis);
        return new CirculantGraph(nodes, offsets);
    }
}
