using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.ClientCli.Topologies;

/// <summary>A topology as JSON: its figures, and for each exchange of a period all weights.</summary>
internal static class TopologyJson
{
    private const int MostEdges = 2_000_000;

    /// <summary>
    /// One object on one line; edges are [from, to, weight], nodes from 0, each node's weight of itself among them.
    /// </summary>
    /// <param name="choice">The topology.</param>
    /// <param name="figures">Its figures.</param>
    /// <param name="round">First round, from 0.</param>
    /// <exception cref="ExperimentException">There are too many edges to write down.</exception>
    public static string Line(TopologyChoice choice, TopologyFigures figures, int round) =>
        figures.Edges * Math.Max(1, choice.Period) > MostEdges
            ? throw new ExperimentException($"More than {MostEdges} edges are too many for JSON; use fewer --nodes.")
            : JsonSerializer.Serialize(new
            {
                topology = choice.Name,
                choice.Nodes,
                choice.Seed,
                round = round + 1,
                shape = choice.Topology.Shape(choice.Nodes),
                choice.Period,
                directed = choice.OnePeriod(round).Any(m => m.Graph.Directed),
                degree = new { figures.Degree.Min, figures.Degree.Mean, figures.Degree.Max },
                edgeCount = figures.Edges,
                figures.Connected,
                figures.Diameter,
                figures.SpectralGap,
                roundsToConsensus = figures.Consensus.Rounds,
                exactAfterPeriod = figures.Consensus.Exact,
                exchanges = choice.OnePeriod(round).Select(m => new { edges = Edges(m) }),
            }, JsonText.Line);

    /// <summary>All weights, by receiver and then by sender.</summary>
    private static IEnumerable<double[]> Edges(Mixing mixing) => Enumerable.Range(0, mixing.Graph.Nodes)
        .SelectMany(to => mixing.Received(to).Append((Node: to, Weight: mixing.Own(to))).Where(e => e.Weight > 0)
            .OrderBy(e => e.Node).Select(e => new[] { e.Node, to, e.Weight }));
}
