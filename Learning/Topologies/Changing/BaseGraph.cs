using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Topologies.Changing;

/// <summary>A short schedule after which all nodes hold the mean, for any number of nodes.</summary>
/// <remarks>
/// With p the largest divisor of n that has no prime factor above k + 1, and q = n/p: a simple base graph on p
/// groups of q nodes, then a hyper-hypercube across the groups. The simple base graph of all n nodes is taken where
/// it is shorter.
/// </remarks>
/// <param name="options">Largest degree, mixing weights.</param>
[Component("base-graph",
    Summary = "A short schedule after which all nodes hold the mean exactly, for any number of nodes.",
    Aliases = ["base_graph"],
    Source = "Takezawa et al., Beyond Exponential Graph, NeurIPS 2023, arXiv:2305.11420, Algorithm 3")]
public sealed class BaseGraph(BaseGraph.Options options) : Schedule(options)
{
    /// <summary>Options of <see cref="BaseGraph"/>.</summary>
    public sealed record Options : BaseGraphOptions;

    /// <inheritdoc/>
    protected override IReadOnlyList<Graph> Rounds(int nodes)
    {
        var simple = SimpleBaseRounds.Of([.. Enumerable.Range(0, nodes)], options.MaxDegree, options.InnerEdges);
        var divided = Divided(nodes);
        return [.. (simple.Count < divided.Count ? simple : divided)
            .Select(r => ArcGraph.Of(nodes, r.Select(e => (e.A, e.B, e.Weight)), directed: false))];
    }

    private List<List<WeightedEdge>> Divided(int nodes)
    {
        var groups = SmoothPart(nodes);
        var size = nodes / groups;
        var rounds = new List<List<WeightedEdge>>();
        Side(groups, g => [.. Enumerable.Range(g * size, size)],
            n => SimpleBaseRounds.Of(n, options.MaxDegree, options.InnerEdges));
        Side(size, s => [.. Enumerable.Range(0, groups).Select(g => g * size + s)],
            n => HyperHypercubeRounds.Of(n, options.MaxDegree));
        return rounds;

        void Side(int count, Func<int, int[]> members, Func<int[], List<List<WeightedEdge>>> schedule)
        {
            var all = Enumerable.Range(0, count).Select(c => schedule(members(c))).ToList();
            for (var m = 0; m < all[0].Count; m++) rounds.Add([.. all.SelectMany(a => a[m])]);
        }
    }

    /// <summary>The largest divisor without a prime factor above k + 1.</summary>
    private int SmoothPart(int number)
    {
        var rest = number;
        for (var f = 2; f <= Math.Min(options.MaxDegree + 1L, number); f++)
            while (rest % f == 0) rest /= f;
        return number / rest;
    }
}
