using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Grains.Recording;

/// <summary>Who receives from whom in which round, as a run's folder has it.</summary>
internal static class GraphRecord
{
    private const long MostEdges = 1_000_000;

    /// <summary>
    /// Of the rounds after the first, all together: a graph that is drawn anew each round would fill the disk.
    /// </summary>
    private const long MostLaterEdges = 100_000;

    private const int MostLaterRounds = 1_000;

    /// <summary>The graphs of a run; null if they have too many edges.</summary>
    /// <param name="plan">The run's plan.</param>
    public static RunGraph? Of(Plan plan) => plan.Members(0).Graph.Edges > MostEdges
        ? null
        : new RunGraph(plan.Experiment.Nodes, Edges(plan, 0))
        {
            Period = plan.GraphPeriod,
            Later = [.. Later(plan).Take(MostLaterRounds)],
        };

    /// <summary>
    /// The rounds of one period, and of one after each change of the members, or those until there are too many edges,
    /// that have a graph of their own.
    /// </summary>
    private static IEnumerable<GraphRound> Later(Plan plan)
    {
        if (plan.Protocol.Arrivals is not null) yield break; // nobody knows yet who arrives when
        var left = MostLaterEdges;
        var seen = new HashSet<(int, int)> { GraphOf(plan, 0) };
        var rounds = plan.GraphPeriod == 0 || plan.Experiment.Membership.Count > 0
            ? plan.Experiment.Rounds
            : Math.Min(plan.GraphPeriod, plan.Experiment.Rounds);
        for (var round = 1; round < rounds; round++)
        {
            if (!seen.Add(GraphOf(plan, round))) continue;
            var exchanges = Edges(plan, round);
            left -= exchanges.Sum(e => e.Count);
            if (left < 0) yield break;
            yield return new GraphRound(round + 1, exchanges);
        }
    }

    private static (int Members, int Phase) GraphOf(Plan plan, int round) =>
        (plan.Members(round).Version, plan.GraphPhase(round));

    private static List<GraphEdge>[] Edges(Plan plan, int round) =>
        [.. plan.Exchanges.Select((_, e) => Edges(plan, round, e))];

    private static List<GraphEdge> Edges(Plan plan, int round, int exchange)
    {
        var edges = new List<GraphEdge>();
        foreach (var node in Receivers(plan, round, exchange))
        {
            var row = plan.Protocol.Arrivals is null
                ? plan.Row(node, round, exchange)
                : Neighbours(plan.Members(round), node);
            var total = row.Sum(r => r.Weight);
            edges.AddRange(row.Select(r => new GraphEdge(r.Node, node, r.Weight / total)));
        }
        return edges;
    }

    /// <summary>Where nodes are idle, those alone receive the server's model that begin the next round with
    /// it.</summary>
    private static IEnumerable<int> Receivers(Plan plan, int round, int exchange) =>
        plan.Exchanges[exchange] != ExchangeKind.Broadcast || !plan.Protocol.HasIdleNodes ? plan.Members(round).Ranks
            : round + 1 < plan.Experiment.Rounds ? plan.Protocol.CatchingUp(round + 1)
            : [];

    /// <summary>The nodes that a node may receive from where arrivals are not known beforehand.</summary>
    private static IReadOnlyList<(int Node, double Weight)> Neighbours(Membership members, int node) =>
        [.. members.Graph.Neighbours(members.Position(node)).Select(p => (members.Ranks[p], 1.0))];
}
