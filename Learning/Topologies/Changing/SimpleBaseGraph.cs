using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>A schedule after which all nodes hold the mean, for any number of nodes.</summary>
/// <param name="options">Largest degree, mixing weights.</param>
[Component("simple-base-graph",
    Summary = "A schedule after which all nodes hold the mean exactly, for any number of nodes.",
    Aliases = ["simple_base_graph"],
    Source = "Takezawa et al., Beyond Exponential Graph, NeurIPS 2023, arXiv:2305.11420, Algorithm 2")]
public sealed class SimpleBaseGraph(SimpleBaseGraph.Options options) : Schedule(options)
{
    /// <summary>Options of <see cref="SimpleBaseGraph"/>.</summary>
    public sealed record Options : BaseGraphOptions;

    /// <inheritdoc/>
    protected override IReadOnlyList<Graph> Rounds(int nodes) =>
        [.. SimpleBaseRounds.Of([.. Enumerable.Range(0, nodes)], options.MaxDegree, options.InnerEdges)
            .Select(r => ArcGraph.Of(nodes, r.Select(e => (e.A, e.B, e.Weight)), directed: false))];
}

/// <summary>Options of the Base-(k+1) graphs.</summary>
public record BaseGraphOptions : WeightedTopologyOptions
{
    /// <summary>Most neighbours of a node in a round.</summary>
    [Option("Most neighbours of a node in a round (k).", Min = 1, Max = 10_000)]
    public int MaxDegree { get; init; } = 1;

    /// <summary>Whether nodes that nobody needs in a round are joined among themselves.</summary>
    [Option("Whether nodes that the schedule leaves idle in a round are joined among themselves; "
        + "they hold the same in theory, and nearly so in training.")]
    public bool InnerEdges { get; init; } = true;
}
