using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Swarm learning: each round another node is the leader, which averages all models and sends the mean to
/// all.</summary>
/// <remarks>
/// Warnat-Herresthal et al. 2021: no server, but a leader that is elected anew for each merge; their election on a
/// blockchain is here a turn by rank, or a draw that all nodes make alike. A round is fedavg's with a server that
/// moves. The topology is not used. If the leader does not answer, nodes go on with what they trained.
/// </remarks>
/// <param name="options">Election, weights of the mean.</param>
[Component("swarm", Summary = "Swarm learning: each round another node is the leader, "
    + "which averages all models and sends the mean to all.", Aliases = ["swarm-learning"],
    Source = "Warnat-Herresthal et al., Swarm Learning for decentralized and confidential clinical machine learning, "
        + "Nature 594, 2021")]
public sealed class Swarm(Swarm.Options options) : Algorithm, ISamplePeers, IChooseLanes
{
    private const string InTurn = "in-turn", Random = "random";

    /// <summary>Options of <see cref="Swarm"/>.</summary>
    public sealed record Options
    {
        /// <summary>How the leader is elected.</summary>
        [Option("in-turn = by rank, round after round; random = drawn for each round.", Values = [InTurn, Random])]
        public string Leader { get; init; } = InTurn;

        /// <summary>Whether nodes count by samples.</summary>
        [Option("Whether nodes count by their number of samples in the mean; if not, all alike.")]
        public bool BySamples { get; init; }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [ExchangeKind.SampledPeers, ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => exchange.Index == 0;

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var sent = context.Ranks
            .Where(i => context.Trained(i) && (!options.BySamples || context.Samples(i) > 0)).ToList();
        if (sent.Count == 0) return rows;
        var leader = context.Ranks[options.Leader == InTurn
            ? context.Round % context.Ranks.Count
            : context.Stream("swarm/leader").NextInt(context.Ranks.Count)];
        foreach (var node in context.Exchange == 0 ? sent : context.Ranks.Where(i => i != leader))
        {
            if (context.Exchange == 0) rows.Add(leader, node, options.BySamples ? context.Samples(node) : 1);
            else rows.Add(node, leader);
        }
        return rows;
    }
}
