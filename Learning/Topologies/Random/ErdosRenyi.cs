using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Each pair of nodes is connected with the same probability.</summary>
/// <param name="options">Probability, connectivity, when to draw anew, mixing weights.</param>
[Component("erdos-renyi", Summary = "Each pair of nodes is connected with the same probability.",
    Aliases = ["erdos_renyi"],
    Source = "Gilbert, Random Graphs, Ann. Math. Statist. 1959; Erdős, Rényi, On random graphs I, Publ. Math. "
        + "Debrecen 1959")]
public sealed class ErdosRenyi(ErdosRenyi.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="ErdosRenyi"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Probability of an edge; 0 means 2·ln(n)/n.</summary>
        [Option("Probability of an edge (p); 0 = 2·ln(n)/n, twice the threshold above which graphs are connected.",
            Min = 0, Max = 1)]
        public double Probability { get; init; }
    }

    /// <inheritdoc/>
    protected override string Purpose => "erdos-renyi";

    /// <inheritdoc/>
    protected override string Remedy => "raise the probability well above ln(n)/n, or set connected to false";

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream) =>
        SparseGraph.Of(nodes, Bernoulli.Within(0, nodes,
            options.Probability > 0 ? options.Probability : Math.Min(1, 2 * Math.Log(nodes) / nodes), stream));
}
