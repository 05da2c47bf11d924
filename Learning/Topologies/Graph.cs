namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// Who receives from whom: a graph without loops or parallel edges, undirected unless it says otherwise.
/// </summary>
/// <remarks>An edge of an undirected graph carries updates both ways. Graphs are immutable and shared by
/// threads.</remarks>
public abstract class Graph
{
    private int _largestDegree = -1;

    /// <summary>Number of nodes.</summary>
    public abstract int Nodes { get; }

    /// <summary>Whether a node may receive from another one that does not receive from it.</summary>
    public virtual bool Directed => false;

    /// <summary>Whether <see cref="Weight"/> gives the graph's own mixing weights.</summary>
    public virtual bool Weighted => false;

    /// <summary>Number of edges; of a directed graph each direction counts.</summary>
    public long Edges => Enumerable.Range(0, Nodes).Sum(i => (long)Degree(i)) / (Directed ? 1 : 2);

    /// <summary>The largest number of nodes that one receives from or sends to.</summary>
    public int LargestDegree
    {
        get
        {
            // Two threads may both work it out: they get the same.
            if (_largestDegree < 0)
                _largestDegree = Enumerable.Range(0, Nodes).Max(i => Math.Max(Degree(i), ReceiverCount(i)));
            return _largestDegree;
        }
    }

    /// <summary>Whether each node can be reached from each other; in a directed graph, along the directions.</summary>
    public bool Connected => Connectivity.Gap([this]) is null;

    /// <summary>Number of nodes that a node receives from.</summary>
    /// <param name="node">Rank of the node.</param>
    public abstract int Degree(int node);

    /// <summary>The nodes that a node receives from, in ascending order.</summary>
    /// <param name="node">Rank of the node.</param>
    public abstract IEnumerable<int> Neighbours(int node);

    /// <summary>Number of nodes that receive from a node.</summary>
    /// <param name="node">Rank of the node.</param>
    public virtual int ReceiverCount(int node) => Degree(node);

    /// <summary>The nodes that receive from a node, in ascending order.</summary>
    /// <param name="node">Rank of the node.</param>
    public virtual IEnumerable<int> Receivers(int node) => Neighbours(node);

    /// <summary>The graph's own weight of what a node receives from another.</summary>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="other">Rank of a node that it receives from.</param>
    /// <returns>Above 0; over all that a node receives from at most 1, and the rest is its weight of itself.</returns>
    /// <exception cref="NotSupportedException">The graph is not <see cref="Weighted"/>.</exception>
    public virtual double Weight(int node, int other) =>
        throw new NotSupportedException("The graph has no weights of its own.");
}
