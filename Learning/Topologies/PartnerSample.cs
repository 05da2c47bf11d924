using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies;

/// <summary>Chooses at most so many partners of each node in a round.</summary>
internal static class PartnerSample
{
    /// <summary>The graph of the chosen ones; directed, since being chosen does not mean to choose.</summary>
    /// <param name="graph">All who could be chosen.</param>
    /// <param name="most">Partners of a node; a node that has no more takes all, without randomness.</param>
    /// <param name="seeds">Each node draws from a stream of its own.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="columns">Whether nodes choose their receivers, not their senders.</param>
    public static Graph Of(Graph graph, int most, Seeds seeds, int round, bool columns)
    {
        var chosen = new int[graph.Nodes][];
        for (var i = 0; i < chosen.Length; i++)
        {
            int[] all = [.. columns ? graph.Receivers(i) : graph.Neighbours(i)];
            chosen[i] = all.Length <= most ? all : Choose(all, most, seeds.Stream("partners", i, round));
        }
        return ArcGraph.Of(columns ? Turned(chosen) : chosen);
    }

    /// <summary>Some of the items in ascending order, each equally likely; the items are changed.</summary>
    private static int[] Choose(int[] items, int count, RandomStream stream)
    {
        for (var i = 0; i < count; i++)
        {
            var j = i + stream.NextInt(items.Length - i);
            (items[i], items[j]) = (items[j], items[i]);
        }
        return [.. items[..count].Order()];
    }

    private static int[][] Turned(int[][] sent)
    {
        var received = new List<int>[sent.Length];
        for (var i = 0; i < received.Length; i++) received[i] = [];
        for (var i = 0; i < sent.Length; i++)
            foreach (var receiver in sent[i]) received[receiver].Add(i);
        return [.. received.Select(h => h.ToArray())];
    }
}
