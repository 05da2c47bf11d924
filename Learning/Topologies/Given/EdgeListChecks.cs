using System.Globalization;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>What must hold of edges that somebody wrote.</summary>
internal static class EdgeListChecks
{
    private const double Slack = 1e-9;

    /// <summary>The first thing that is wrong with the edges, weights aside; null if nothing is.</summary>
    /// <param name="edges">Entries [from, to] or [from, to, weight].</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="directed">Whether an edge carries updates in its direction only.</param>
    public static string? Refusal(IReadOnlyList<EquatableList<double>> edges, int nodes, bool directed)
    {
        var seen = new HashSet<(double, double)>();
        for (var i = 0; i < edges.Count; i++)
        {
            var edge = edges[i];
            if (edge.Count is not (2 or 3))
                return $"Edge {Text(edge)} (entry {i}) has {edge.Count} numbers; "
                    + "write [from, to] or [from, to, weight].";
            foreach (var end in edge.Take(2))
                if (!double.IsInteger(end) || end >= nodes)
                    return $"Edge {Text(edge)} (entry {i}) names node {Text(end)}, but nodes are 0 to {nodes - 1}; "
                        + (CountsFromOne(edges, nodes)
                            ? "the list seems to count from 1: subtract 1 from each node."
                            : "correct it, or set nodes.");
            if (edge[0] != edge[1]
                && !seen.Add(directed || edge[0] < edge[1] ? (edge[0], edge[1]) : (edge[1], edge[0])))
                return $"Edge {Text(edge)} (entry {i}) is there twice; name it once.";
        }
        return null;
    }

    /// <summary>The first thing that is wrong with the weights of edges; null if nothing is.</summary>
    /// <param name="edges">Edges that are right, weights aside.</param>
    /// <param name="directed">Whether an edge carries updates in its direction only.</param>
    public static string? RefusalOfWeights(IReadOnlyList<EquatableList<double>> edges, bool directed)
    {
        const string Otherwise = "or set mixing to metropolis-hastings, which uses no weights of edges.";
        var rows = new Dictionary<double, double>();
        foreach (var (i, edge) in edges.Index().Where(e => e.Item[0] != e.Item[1]))
        {
            if (edge.Count < 3)
                return $"Edge {Text(edge)} (entry {i}) has no weight, but others have; "
                    + $"give all of them weights, or none, {Otherwise}";
            if (edge[2] is not (> 0 and <= 1))
                return $"Edge {Text(edge)} (entry {i}) weighs {Text(edge[2])}; "
                    + $"make weights above 0 and at most 1, {Otherwise}";
            rows[edge[1]] = rows.GetValueOrDefault(edge[1]) + edge[2];
            if (!directed) rows[edge[0]] = rows.GetValueOrDefault(edge[0]) + edge[2];
        }
        foreach (var (node, sum) in rows)
            if (sum > 1 + Slack)
                return $"The weights with which node {Text(node)} receives sum to {Text(Math.Round(sum, 9))}; "
                    + $"make them 1 at most, what is left is its weight of itself, {Otherwise}";
        return null;
    }

    /// <summary>Which nodes a graph leaves out; null if each can be reached from each other.</summary>
    /// <param name="graph">The graph of the edges.</param>
    public static string? RefusalOfParts(Graph graph)
    {
        if (Connectivity.Gap([graph]) is not { } gap) return null;
        int[] alone = [.. Enumerable.Range(0, graph.Nodes)
            .Where(i => graph.Degree(i) == 0 && graph.ReceiverCount(i) == 0)];
        const string Otherwise = "or set connected to false if that is meant.";
        return alone switch
        {
            [] => $"{Connectivity.Text(gap)}: add edges, {Otherwise}",
            [0] when graph.Nodes > 1 => "Node 0 has no edge: nodes count from 0, so subtract 1 from each node if the "
                + $"list counts from 1, else add an edge, {Otherwise}",
            _ => $"{Names(alone)} no edge: add edges or lower nodes, {Otherwise}",
        };
    }

    private static bool CountsFromOne(IReadOnlyList<EquatableList<double>> edges, int nodes)
    {
        var ends = edges.SelectMany(e => e.Take(2)).ToList();
        return ends.Contains(nodes) && ends.TrueForAll(e => e >= 1 && e <= nodes);
    }

    private static string Names(int[] nodes)
    {
        const int Most = 10;
        if (nodes is [var only]) return $"Node {only} has";
        return nodes.Length > Most
            ? $"Nodes {string.Join(", ", nodes[..Most])} and {nodes.Length - Most} more have"
            : $"Nodes {string.Join(", ", nodes[..^1])} and {nodes[^1]} have";
    }

    private static string Text(EquatableList<double> edge) => $"[{string.Join(", ", edge.Select(Text))}]";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
