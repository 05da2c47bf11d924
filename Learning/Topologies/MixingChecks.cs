using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies;

/// <summary>Whether nodes come to one model by a topology, for algorithms that are wrong where they do not.</summary>
public static class MixingChecks
{
    private const string Remedy = "set topology to one that connects all nodes, such as ring, or algorithm to gossip";

    /// <summary>Of graphs that never repeat, those of the run are looked at, and of at least so many rounds: chance
    /// needs some.</summary>
    private const int FewestRounds = 64;

    private const int MostGraphs = 64;

    /// <summary>Why they do not, by the graphs of one period together, or where they never repeat, of the run; null if
    /// they do.</summary>
    /// <param name="topology">The topology; one that follows from labels is passed over, see the other form.</param>
    /// <param name="nodes">Number of members.</param>
    /// <param name="seeds">Randomness of the graphs.</param>
    /// <param name="rounds">Rounds of the run.</param>
    /// <param name="columns">Whether the weights of what a node sends sum to one, not those of what it
    /// receives.</param>
    /// <exception cref="ExperimentException">A graph cannot be drawn.</exception>
    public static string? Refusal(Topology topology, int nodes, Seeds seeds, int rounds, bool columns)
    {
        return Graphs(topology, nodes, seeds, rounds) is { } graphs
            ? Refusal(graphs, topology.Mix(graphs[0], seeds, 0, columns))
            : null;
    }

    /// <summary>A node whose updates never come to another one, as the beginning of a sentence; null if there is none.
    /// See <see cref="Refusal(Topology, int, Seeds, int, bool)"/>, whose parameters these are.</summary>
    internal static string? GapOf(Topology topology, int nodes, Seeds seeds, int rounds) =>
        Graphs(topology, nodes, seeds, rounds) is { } graphs && Connectivity.Gap(graphs) is { } gap
            ? Connectivity.Text(gap)
            : null;

    /// <summary>Graphs that come again and again; null if they are connected, or not known.</summary>
    private static List<Graph>? Graphs(Topology topology, int nodes, Seeds seeds, int rounds)
    {
        if (topology is IFollowLabels || topology.IsConnectedAnyhow || topology.Refusal(nodes) is not null) return null;
        var period = topology.Period(nodes);
        var last = period > 0 ? period : Math.Max(rounds, FewestRounds);
        var (graphs, phase) = (new List<Graph>(), -1);
        for (var round = 0; round < last && (period > 0 || graphs.Count < MostGraphs); round++)
        {
            if (topology.Phase(nodes, round) == phase) continue;
            phase = topology.Phase(nodes, round);
            graphs.Add(topology.Draw(nodes, seeds, round));
            var isPowerOfTwo = (graphs.Count & (graphs.Count - 1)) == 0;
            if (period == 0 && isPowerOfTwo && Connectivity.Gap(graphs) is null) return null;
        }
        return graphs;
    }

    /// <summary>Why nodes do not come to one model by graphs that come again and again; null if they do.</summary>
    /// <param name="graphs">The graphs of one period.</param>
    /// <param name="mixing">The weights of the first.</param>
    public static string? Refusal(IReadOnlyList<Graph> graphs, Mixing mixing)
    {
        if (Connectivity.Gap(graphs) is { } gap)
            return $"{Connectivity.Text(gap)}, so the nodes do not come to one model, which the algorithm is for; "
                + $"{Remedy}.";
        return RefusalOfShares(mixing)
            ?? (graphs.Count == 1 && Enumerable.Range(0, mixing.Graph.Nodes).All(i => mixing.Own(i) == 0)
                && Connectivity.IsPeriodic(mixing.Graph)
                ? "Nobody keeps a share of its own model and all ways back to a node are equally long, so models only "
                    + "change places and never mix; set mixing to lazy, or lower some weights."
                : null);
    }

    /// <summary>What is sent must be shared out: no more than all of it.</summary>
    private static string? RefusalOfShares(Mixing mixing)
    {
        const double Slack = 1e-9;
        if (!mixing.Columns) return null;
        for (var i = 0; i < mixing.Graph.Nodes; i++)
            if (mixing.Sent(i).Sum(s => s.Weight) is var sum && sum > 1 + Slack)
                return FormattableString.Invariant($"Node {i} sends shares that sum to {Math.Round(sum, 9):R}, ")
                    + "more than it has; make the weights of its edges 1 at most together, or set mixing to uniform.";
        return null;
    }
}
