using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>Where nodes lie in a picture: both coordinates from 0 to 1.</summary>
internal static class Layout
{
    /// <summary>A place a node: on a circle, or what suits the topology better.</summary>
    /// <param name="name">Name of the topology.</param>
    /// <param name="graph">Its graph.</param>
    public static (double X, double Y)[] Of(string name, Graph graph)
    {
        var nodes = graph.Nodes;
        return name switch
        {
            "grid" => Grid(nodes, graph.Neighbours(0).DefaultIfEmpty(1).Max()),
            "ladder" => Grid(nodes, nodes / 2),
            "bipartite" => [.. Enumerable.Range(0, nodes).Select(i => i < (nodes + 1) / 2
                ? (0.1, Middle(i, (nodes + 1) / 2)) : (0.9, Middle(i - (nodes + 1) / 2, nodes / 2)))],
            "tree" => Levels(graph),
            _ when nodes > 3 && graph.Degree(0) == nodes - 1 && graph.Degree(1) < nodes - 1 =>
                [(0.5, 0.5), .. Circle(nodes - 1)],
            _ => [.. Circle(nodes)],
        };
    }

    private static IEnumerable<(double, double)> Circle(int nodes) => Enumerable.Range(0, nodes).Select(i =>
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * i / nodes);
        return nodes == 1 ? (0.5, 0.5) : (0.5 + 0.5 * sin, 0.5 - 0.5 * cos);
    });

    private static (double, double)[] Grid(int nodes, int columns) => [.. Enumerable.Range(0, nodes)
        .Select(i => (Middle(i % columns, columns), Middle(i / columns, (nodes + columns - 1) / columns)))];

    private static (double, double)[] Levels(Graph tree)
    {
        var depth = new int[tree.Nodes];
        for (var i = 1; i < depth.Length; i++) depth[i] = depth[tree.Neighbours(i).First()] + 1;
        var levels = depth.GroupBy(d => d).ToDictionary(g => g.Key, g => g.Count());
        var seen = new int[levels.Count];
        return [.. depth.Select(d => (Middle(seen[d]++, levels[d]), Middle(d, levels.Count)))];
    }

    private static double Middle(int place, int places) => (place + 0.5) / places;
}
