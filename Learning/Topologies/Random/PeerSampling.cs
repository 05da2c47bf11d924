using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Topologies.Random;

/// <summary>Each round each node receives from some random others, whether they receive from it or not.</summary>
/// <remarks>
/// What a peer sampling service with perfect views gives. Rows are stochastic; columns are so in the mean only.
/// </remarks>
/// <param name="options">How many peers to receive from, when to draw anew, mixing weights.</param>
[Component("peer-sampling",
    Summary = "Each round each node receives from some random others, whether they receive from it or not.",
    Aliases = ["peer_sampling"], Source = "Jelasity et al., Gossip-based peer sampling, ACM TOCS 2007")]
public sealed class PeerSampling(PeerSampling.Options options) : RandomTopology(options)
{
    /// <summary>Options of <see cref="PeerSampling"/>.</summary>
    public sealed record Options : RandomTopologyOptions
    {
        /// <summary>Options with their defaults: new peers each round, all weighed alike.</summary>
        public Options() => (Connected, RedrawEvery, Mixing) = (false, 1, Uniform);

        /// <summary>Nodes that a node receives from.</summary>
        [Option("Nodes that a node receives from; all others if there are no more.", Min = 1, Max = 10_000)]
        public int Peers { get; init; } = 2;
    }

    /// <inheritdoc/>
    public override bool Directed => true;

    /// <inheritdoc/>
    protected override string Purpose => "peer-sampling";

    /// <inheritdoc/>
    protected override string Remedy => "raise peers, or set connected to false";

    /// <inheritdoc/>
    protected override Graph Attempt(int nodes, Seeds seeds, RandomStream stream)
    {
        var received = new int[nodes][];
        var peers = Math.Min(options.Peers, nodes - 1);
        for (var i = 0; i < nodes; i++)
        {
            // Floyd's sampling of the nodes - 1 others (Bentley, Floyd, CACM 1987).
            var chosen = new SortedSet<int>();
            for (var j = nodes - 1 - peers; j < nodes - 1; j++)
                if (stream.NextInt(j + 1) is var pick && !chosen.Add(pick)) chosen.Add(j);
            received[i] = [.. chosen.Select(c => c < i ? c : c + 1)];
        }
        return ArcGraph.Of(received);
    }
}
