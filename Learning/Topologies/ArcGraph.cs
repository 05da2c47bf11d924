namespace Orleans.FL.Learning.Topologies;

/// <summary>A graph given by the nodes that each node receives from, directed or weighted or both.</summary>
public sealed class ArcGraph : Graph
{
    private readonly int[][] _received;
    private readonly int[][] _receivers;
    private readonly double[][]? _weights;

    private ArcGraph(int[][] received, double[][]? weights, bool directed)
    {
        (_received, _weights, Directed) = (received, weights, directed);
        _receivers = directed ? Transposed(received) : received;
    }

    /// <inheritdoc/>
    public override int Nodes => _received.Length;

    /// <inheritdoc/>
    public override bool Directed { get; }

    /// <inheritdoc/>
    public override bool Weighted => _weights is not null;

    /// <summary>A directed graph without weights.</summary>
    /// <param name="received">For each node those that it receives from, in ascending order, without itself.</param>
    public static ArcGraph Of(int[][] received) => new(received, null, true);

    /// <summary>A weighted graph; no pair may be given twice.</summary>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="edges">Sender, receiver and weight of each; of an undirected graph each pair once.</param>
    /// <param name="directed">Whether an edge carries updates in its direction only.</param>
    public static ArcGraph Of(int nodes, IEnumerable<(int From, int To, double Weight)> edges, bool directed)
    {
        var rows = new List<(int Node, double Weight)>[nodes];
        for (var i = 0; i < nodes; i++) rows[i] = [];
        foreach (var (from, to, weight) in edges)
        {
            rows[to].Add((from, weight));
            if (!directed) rows[from].Add((to, weight));
        }
        foreach (var row in rows) row.Sort((a, b) => a.Node.CompareTo(b.Node));
        return new ArcGraph([.. rows.Select(r => r.Select(x => x.Node).ToArray())],
            [.. rows.Select(r => r.Select(x => x.Weight).ToArray())], directed);
    }

    /// <inheritdoc/>
    public override int Degree(int node) => _received[node].Length;

    /// <inheritdoc/>
    public override IEnumerable<int> Neighbours(int node) => _received[node];

    /// <inheritdoc/>
    public override int ReceiverCount(int node) => _receivers[node].Length;

    /// <inheritdoc/>
    public override IEnumerable<int> Receivers(int node) => _receivers[node];

    /// <inheritdoc/>
    public override double Weight(int node, int other) =>
        _weights is null ? base.Weight(node, other) : _weights[node][Array.BinarySearch(_received[node], other)];

    private static int[][] Transposed(int[][] lists)
    {
        var counts = new int[lists.Length];
        foreach (var j in lists.SelectMany(l => l)) counts[j]++;
        var result = Array.ConvertAll(counts, c => new int[c]);
        Array.Clear(counts);
        for (var i = 0; i < lists.Length; i++)
            foreach (var j in lists[i]) result[j][counts[j]++] = i;
        return result;
    }
}
