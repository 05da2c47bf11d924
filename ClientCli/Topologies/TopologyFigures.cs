using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>What is to know of a topology's graphs, over one period.</summary>
internal sealed record TopologyFigures
{
    /// <summary>Longest search for distances, in edges walked; a second or so.</summary>
    private const long LongestSearch = 200_000_000;

    /// <summary>Least, mean and largest number of nodes that one receives from in a round.</summary>
    public required (int Min, double Mean, int Max) Degree { get; init; }

    /// <summary>Edges of a round, the mean over the period; of directed graphs each direction counts.</summary>
    public required double Edges { get; init; }

    /// <summary>Whether the graphs of the period together connect all nodes.</summary>
    public required bool Connected { get; init; }

    /// <summary>
    /// Most steps from a node to another over the edges of the period together; null if it is not connected, or too
    /// large to search.
    /// </summary>
    public required int? Diameter { get; init; }

    /// <summary>
    /// 1 less the second largest modulus of an eigenvalue of the product of the period's matrices; null for
    /// too many nodes.
    /// </summary>
    public required double? SpectralGap { get; init; }

    /// <summary>How fast values come together.</summary>
    public required Consensus Consensus { get; init; }

    /// <summary>Works the figures out.</summary>
    /// <param name="choice">The topology.</param>
    /// <param name="round">First round, from 0.</param>
    public static TopologyFigures Of(TopologyChoice choice, int round)
    {
        var period = choice.OnePeriod(round);
        var graphs = period.Select(m => m.Graph).ToList();
        var union = graphs.Count == 1 ? graphs[0] : Union(graphs);
        var degrees = graphs.SelectMany(g => Enumerable.Range(0, g.Nodes).Select(g.Degree)).ToList();
        var connected = union.Connected;
        var ways = graphs.Any(g => g.Directed) ? 1 : 2; // a direction each, in all rounds alike
        return new()
        {
            Degree = (degrees.Min(), degrees.Average(), degrees.Max()),
            Edges = degrees.Sum(d => (double)d) / graphs.Count / ways,
            Connected = connected,
            Diameter = connected && (long)union.Nodes * (union.Edges + union.Nodes) <= LongestSearch
                ? DiameterOf(union)
                : null,
            SpectralGap = Topologies.SpectralGap.Of(period),
            Consensus = Consensus.Of(choice, round, connected || choice.Period == 0),
        };
    }

    private static ArcGraph Union(List<Graph> graphs) => ArcGraph.Of([.. Enumerable.Range(0, graphs[0].Nodes)
        .Select(i => graphs.SelectMany(g => g.Neighbours(i)).Distinct().Order().ToArray())]);

    private static int DiameterOf(Graph graph)
    {
        int[][] lists = [.. Enumerable.Range(0, graph.Nodes).Select(i => graph.Neighbours(i).ToArray())];
        var distances = new int[lists.Length];
        var open = new Queue<int>();
        var longest = 0;
        for (var from = 0; from < lists.Length; from++)
        {
            Array.Fill(distances, -1);
            distances[from] = 0;
            open.Enqueue(from);
            while (open.TryDequeue(out var node))
                foreach (var next in lists[node])
                    if (distances[next] < 0)
                    {
                        distances[next] = distances[node] + 1;
                        longest = Math.Max(longest, distances[next]);
                        open.Enqueue(next);
                    }
        }
        return longest;
    }
}
