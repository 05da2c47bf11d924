using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies.Changing;

namespace Orleans.FL.Learning.Topologies.Fixed;

/// <summary>
/// Node i receives from the nodes i + 1, i + 2, i + 4, … modulo the number of nodes, all and itself with the
/// same weight.
/// </summary>
/// <param name="options">Mixing weights; by default those of the paper.</param>
[Component("static-exponential", Summary = "Each node receives from those 1, 2, 4, … after it, "
    + "all with the same weight; directed, doubly stochastic.", Aliases = ["static_exponential", "exponential"],
    Source = "Ying et al., Exponential Graph is Provably Efficient for Decentralized Deep Training, NeurIPS 2021, "
        + "arXiv:2110.13363, eq. (5)")]
public sealed class StaticExponential(StaticExponential.Options options) : Topology(options)
{
    /// <summary>Options of <see cref="StaticExponential"/>.</summary>
    public sealed record Options : WeightedTopologyOptions;

    /// <inheritdoc/>
    public override bool Directed => true;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    public override Graph Draw(int nodes, Seeds seeds, int round)
    {
        var steps = OnePeerExponential.Steps(nodes);
        return new CirculantGraph(nodes, Enumerable.Range(0, steps).ToDictionary(j => 1 << j, _ => 1.0 / (steps + 1)));
    }
}
