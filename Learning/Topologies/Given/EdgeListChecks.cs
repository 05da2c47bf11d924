using System.Globalization;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Given;

/// <summary>What must hold of edges that somebody wrote.</summary>
internal static class EdgeListChecks
{
    private const double Slack = 1e-9;

    /// <summary>The first thing that is wrong; null if nothing is.</summary>
    /// <param name="edges">Entries [from, to] or [from, to, weight].</param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="directed">Whether an edge carries updates in its direction only.</param>
    public static string? Refusal(IReadOnlyList<EquatableList<double>> edges, int nodes, bool directed)
    {
        var seen = new HashSet<(double, double)>();
        var rows = new Dictionary<double, double>();
        var weighted = edges.Any(e => e.Count == 3);
        for (var i = 0; i < edges.Count; i++)
        {
            var edge = edges[i];
            if (edge.Count is not (2 or 3))
                return $"Edge {Text(edge)} (entry {i}) has {edge.Count} numbers; "
                    + "write [from, to] or [from, to, weight].";
            foreach (var end in edge.Take(2))
                if (!double.IsInteger(end) || end >= nodes)
                    return $"Edge {Text(edge)} (entry {i}) names node {Text(end)}, but nodes are 0 to {nodes - 1}; "
                        + "correct it, or set nodes.";
            if (edge[0] == edge[1]) continue;
            if ((edge.Count == 3) != weighted)
                return $"Edge {Text(edge)} (entry {i}) has no weight, but others have; "
                    + "give all of them weights, or none.";
            if (!seen.Add(directed || edge[0] < edge[1] ? (edge[0], edge[1]) : (edge[1], edge[0])))
                return $"Edge {Text(edge)} (entry {i}) is there twice; name it once.";
            if (!weighted) continue;
            if (edge[2] is not (> 0 and <= 1))
                return $"Edge {Text(edge)} (entry {i}) weighs {Text(edge[2])}; weights are above 0 and at most 1.";
            rows[edge[1]] = rows.GetValueOrDefault(edge[1]) + edge[2];
            if (!directed) rows[edge[0]] = rows.GetValueOrDefault(edge[0]) + edge[2];
        }
        foreach (var (node, sum) in rows)
            if (sum > 1 + Slack)
                return $"The weights with which node {Text(node)} receives sum to {Text(sum)}; make them 1 at most: "
                    + "what is left is its weight of itself.";
        return null;
    }

    private static string Text(EquatableList<double> edge) => $"[{string.Join(", ", edge.Select(Text))}]";

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
