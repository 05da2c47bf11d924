namespace Orleans.FL.Learning.Topologies;

/// <summary>An undirected graph given by its neighbour lists.</summary>
/// <param name="neighbours">For each node its neighbours in ascending order; symmetric, without loops.</param>
public sealed class SparseGraph(int[][] neighbours) : Graph
{
    /// <inheritdoc/>
    public override int Nodes => neighbours.Length;

    /// <summary>The graph with the given edges; loops and repeated edges are dropped.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="edges">Pairs of ranks.</param>
    public static SparseGraph Of(int nodes, IEnumerable<(int A, int B)> edges)
    {
        var lists = new List<int>[nodes];
        for (var i = 0; i < nodes; i++) lists[i] = [];
        foreach (var (a, b) in edges)
        {
            if (a == b) continue;
            lists[a].Add(b);
            lists[b].Add(a);
        }
        return new SparseGraph([.. lists.Select(l => l.Distinct().Order().ToArray())]);
    }

    /// <inheritdoc/>
    public override int Degree(int node) => neighbours[node].Length;

    /// <inheritdoc/>
    public override IEnumerable<int> Neighbours(int node) => neighbours[node];
}
