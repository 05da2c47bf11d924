using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Swarm learning: each round another node is the leader, which averages all and tells all.</summary>
/// <remarks>
/// Warnat-Herresthal et al. 2021: no server, but a leader that is elected anew for each merge; their election on a blockchain is here a turn by rank, or a draw that all nodes make
/// alike. A round is fedavg's with a hub that moves. The topology is not used. If the leader does not answer, nodes go on with what they trained.
/// </remarks>
/// <param name="options">Election, weights of the mean.</param>
[Component("swarm", Summary = "Swarm learning: each round another node is the leader, which averages all and tells all.", Aliases = ["swarm-learning"],
    Source = "Warnat-Herresthal et al., Swarm Learning for decentralized and confidential clinical machine learning, Nature 594, 2021")]
public sealed class Swarm(Swarm.Options options) : Algorithm
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
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Drawn, ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override bool WorksOnLane(Exchange exchange) => exchange.Index == 0;

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        var told = meeting.Ranks.Where(i => meeting.Trained(i) && (!options.BySamples || meeting.Samples(i) > 0)).ToList();
        if (told.Count == 0) return rows;
        var leader = meeting.Ranks[options.Leader == InTurn ? meeting.Round % meeting.Ranks.Count : meeting.Stream("swarm/leader").NextInt(meeting.Ranks.Count)];
        foreach (var node in meeting.Exchange == 0 ? told : meeting.Ranks.Where(i => i != leader))
        {
            if (meeting.Exchange == 0) rows.Add(leader, node, options.BySamples ? meeting.Samples(node) : 1);
            else rows.Add(node, leader);
        }
        return rows;
    }
}
