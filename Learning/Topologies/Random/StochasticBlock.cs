using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Communities of nearly equal size: pairs inside are connected more often than pairs across.</summary>
/// <param name="options">Number of communities, probabilities, connectivity, when to draw anew, mixing weights.</param>
[Component("stochastic-block",
    Summary = "Communities of nearly equal size: pairs inside are connected more often than pairs across.",
    Aliases = ["stochastic_block", "sbm"],
    Source = "Holland, Laskey, Leinhardt, Stochastic blockmodels: First steps, Social Networks 1983")]
public sealed class StochasticBlock(StochasticBlock.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="StochasticBlock"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Number of communities; their members follow each other.</summary>
        [Option("Number of communities; the first has the first nodes, and so on; at most one a node.",
            Min = 1, Max = 1_000)]
        public int Blocks { get; init; } = 2;

        /// <summary>Probability of an edge inside a community.</summary>
        [Option("Probability of an edge inside a community.", Min = 0, Max = 1)]
        public double Inside { get; init; } = 0.7;

        /// <summary>Probability of an edge between two communities.</summary>
        [Option("Probability of an edge between two communities.", Min = 0, Max = 1)]
        public double Across { get; init; } = 0.1;
    }

    /// <inheritdoc/>
    protected override string Purpose => "stochastic-block";

    /// <inheritdoc/>
    protected override string Remedy => "raise inside or across, or set connected to false";

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => options.Blocks > nodes
        ? $"{options.Blocks} communities need at least as many nodes; there are {nodes}. Nearest that works: "
            + $"blocks {nodes}."
        : options is { Connected: true, Across: 0, Blocks: > 1 }
            ? "Communities without edges across are not connected. Raise across above 0, or set connected to false."
            : null;

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var edges = new List<(int, int)>();
        for (var a = 0; a < options.Blocks; a++)
        {
            var block = BlockOf(nodes, a);
            edges.AddRange(Bernoulli.Within(block.First, block.Size, options.Inside, stream));
            for (var b = a + 1; b < options.Blocks; b++)
                edges.AddRange(Bernoulli.Between(block, BlockOf(nodes, b), options.Across, stream));
        }
        return SparseGraph.Of(nodes, edges);
    }

    private (int First, int Size) BlockOf(int nodes, int block)
    {
        var first = (int)((long)nodes * block / options.Blocks);
        return (first, (int)((long)nodes * (block + 1) / options.Blocks) - first);
    }
}
