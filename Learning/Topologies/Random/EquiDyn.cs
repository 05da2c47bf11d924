using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>
/// Each round one random basis graph: each node receives from at most one other, at the same distance for all.
/// </summary>
/// <remarks>
/// OD-EquiDyn: W = (1 - η)·I + η·A(u) with u random. OU-EquiDyn, the default: from a random node on, each node that
/// is still free is paired with the one u further on, if that is free. Mixes in the mean at a rate that does not
/// depend on n.
/// </remarks>
/// <param name="options">Direction, basis graphs, η, when to draw anew, mixing weights.</param>
[Component("equi-dyn",
    Summary = "Each round each node receives from at most one other, at a random distance that is the same for all.",
    Aliases = ["equi_dyn", "od-equidyn", "ou-equidyn"],
    Source = "Song et al., Communication-Efficient Topologies for Decentralized Learning with O(1) Consensus Rate, "
        + "NeurIPS 2022, arXiv:2210.07881, Algorithms 3 and 4")]
public sealed class EquiDyn(EquiDyn.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="EquiDyn"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Options with their defaults: a new graph each round, the paper's weights.</summary>
        public Options() => (Connected, RedrawEvery, Mixing) = (false, 1, Own);

        /// <summary>Whether a node receives from another one that does not receive from it.</summary>
        [Option("Whether edges have directions (OD-EquiDyn); otherwise nodes are paired (OU-EquiDyn).")]
        public bool Directed { get; init; }

        /// <summary>Distances that are drawn once, for all rounds to choose from; 0 means all distances.</summary>
        [Option("Distances that are drawn once, for all rounds to choose from (M); 0 = all distances.",
            Min = 0, Max = 10_000)]
        public int Basis { get; init; }

        /// <summary>Share of the basis graph in the mixing matrix.</summary>
        [Option("Share of the basis graph in the mixing matrix (η); the rest is each node's own.",
            Min = 0, Max = 1, AboveMin = true)]
        public double Eta { get; init; } = 0.5;
    }

    /// <inheritdoc/>
    public override bool Directed => options.Directed;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    protected override string Purpose => "equi-dyn";

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => options is { Connected: true, Directed: false } && nodes > 2
        ? $"Pairs do not connect {nodes} nodes in a round; set connected to false." : null;

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        if (nodes == 1) return new CirculantGraph(1, new Dictionary<int, double>());
        var distance = Distance(nodes, seeds, stream);
        var weight = options.Eta * (nodes - 1) / nodes;
        if (options.Directed) return new CirculantGraph(nodes, new Dictionary<int, double> { [distance] = weight });
        int[] partners = [.. Enumerable.Range(0, nodes)];
        var first = stream.NextInt(nodes);
        for (var s = 0; s < nodes; s++)
        {
            var (i, j) = ((first + s) % nodes, (first + s + distance) % nodes);
            if (partners[i] == i && partners[j] == j) (partners[i], partners[j]) = (j, i);
        }
        return new MatchingGraph(partners, weight);
    }

    private int Distance(int nodes, Seeds seeds, RandomStream stream)
    {
        if (options.Basis == 0) return 1 + stream.NextInt(nodes - 1);
        var basis = seeds.Stream("equi-dyn-basis");
        var chosen = stream.NextInt(options.Basis);
        for (var m = 0; m < chosen; m++) basis.NextInt(nodes - 1);
        return 1 + basis.NextInt(nodes - 1);
    }
}
