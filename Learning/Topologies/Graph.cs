namespace Orleans.FL.Learning.Topologies;

/// <summary>An undirected graph without loops or parallel edges.</summary>
public abstract class Graph
{
    /// <summary>Number of nodes.</summary>
    public abstract int Nodes { get; }

    /// <summary>Number of neighbours of a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public abstract int Degree(int node);

    /// <summary>Neighbours of a node, in ascending order.</summary>
    /// <param name="node">Rank of the node.</param>
    public abstract IEnumerable<int> Neighbours(int node);

    /// <summary>Number of edges.</summary>
    public long Edges => Enumerable.Range(0, Nodes).Sum(i => (long)Degree(i)) / 2;

    /// <summary>Whether each node can be reached from each other.</summary>
    public bool Connected
    {
        get
        {
            var seen = new bool[Nodes];
            var open = new Stack<int>([0]);
            seen[0] = true;
            var count = 1;
            while (open.TryPop(out var node))
                foreach (var next in Neighbours(node))
                    if (!seen[next])
                    {
                        seen[next] = true;
                        count++;
                        open.Push(next);
                    }
            return count == Nodes;
        }
    }
}

/// <summary>A graph given by its neighbour lists.</summary>
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
