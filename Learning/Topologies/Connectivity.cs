namespace Orleans.FL.Learning.Topologies;

/// <summary>Whether what one node sends comes to all others in time, by the graphs of several rounds.</summary>
internal static class Connectivity
{
    /// <summary>A node whose updates never come to another one, by whatever way; null if there is none.</summary>
    /// <param name="graphs">Graphs that come again and again, of the same number of nodes; at least one.</param>
    public static (int Sender, int Receiver)? Gap(IReadOnlyList<Graph> graphs)
    {
        var comesToFirst = Reached(graphs, (graph, node) => graph.Neighbours(node));
        if (comesToFirst.IndexOf(false) is >= 0 and var silent) return (silent, 0);
        if (!graphs.Any(g => g.Directed)) return null;
        var comesFromFirst = Reached(graphs, (graph, node) => graph.Receivers(node));
        return comesFromFirst.IndexOf(false) is >= 0 and var deaf ? (0, deaf) : null;
    }

    /// <summary>A gap in words, the beginning of a sentence.</summary>
    /// <param name="gap">The gap.</param>
    public static string Text((int Sender, int Receiver) gap) =>
        $"What node {gap.Sender} sends never comes to node {gap.Receiver}, not by way of others either";

    /// <summary>Whether all ways from a node back to itself have a multiple of some length above 1, so that models only
    /// change places if nobody keeps a share of its own.</summary>
    /// <param name="graph">A graph in which each node can be reached from each other.</param>
    public static bool IsPeriodic(Graph graph)
    {
        var steps = new int[graph.Nodes];
        Array.Fill(steps, -1);
        steps[0] = 0;
        var (open, period) = (new Queue<int>([0]), 0);
        while (open.TryDequeue(out var node))
            foreach (var next in graph.Neighbours(node))
                if (steps[next] < 0)
                {
                    steps[next] = steps[node] + 1;
                    open.Enqueue(next);
                }
                else period = CommonDivisor(period, Math.Abs(steps[node] + 1 - steps[next]));
        return period != 1;
    }

    private static List<bool> Reached(IReadOnlyList<Graph> graphs, Func<Graph, int, IEnumerable<int>> next)
    {
        var seen = new List<bool>(new bool[graphs[0].Nodes]) { [0] = true };
        var open = new Stack<int>([0]);
        while (open.TryPop(out var node))
            foreach (var graph in graphs)
                foreach (var other in next(graph, node))
                    if (!seen[other])
                    {
                        seen[other] = true;
                        open.Push(other);
                    }
        return seen;
    }

    private static int CommonDivisor(int a, int b) => b == 0 ? a : CommonDivisor(b, a % b);
}
