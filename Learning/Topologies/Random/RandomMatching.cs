using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Each round, random pairs: each node averages with one other; of an odd number one stays alone.</summary>
/// <param name="options">When to draw anew, mixing weights.</param>
[Component("random-matching",
    Summary = "Each round, random pairs: each node averages with one other; of an odd number one stays alone.",
    Aliases = ["random_matching"],
    Source = "Boyd, Ghosh, Prabhakar, Shah, Randomized Gossip Algorithms, IEEE Trans. Inf. "
        + "Theory 2006, in its synchronous form")]
public sealed class RandomMatching(RandomMatching.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="RandomMatching"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Options with their defaults: new pairs each round.</summary>
        public Options() => (Connected, RedrawEvery) = (false, 1);
    }

    /// <inheritdoc/>
    protected override string Purpose => "random-matching";

    /// <inheritdoc/>
    public override string? Refusal(int nodes) => options.Connected && nodes > 2
        ? $"Pairs do not connect {nodes} nodes in a round; set connected to false." : null;

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var order = stream.Permutation(nodes);
        int[] partners = [.. Enumerable.Range(0, nodes)];
        for (var i = 0; i + 1 < nodes; i += 2) (partners[order[i]], partners[order[i + 1]]) = (order[i + 1], order[i]);
        return new MatchingGraph(partners);
    }
}
