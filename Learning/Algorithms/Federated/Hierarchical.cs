using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// Federated averaging in two levels: groups average at their own server each round, the servers at one server
/// every few rounds.
/// </summary>
/// <remarks>
/// Liu, Zhang, Song, Letaief 2020, Algorithm 1 (HierFAVG): κ₁ local updates are a round's training, κ₂ is
/// <c>serverRounds</c>. Both means go by numbers of samples of those that trained. Members are cut into groups of
/// neighbouring ranks; the first of each is its server, an ordinary node that trains too. The topology says which node
/// is the server of servers (the first where it has none) and nothing else.
/// </remarks>
/// <param name="options">Client fraction, number of groups, κ₂.</param>
[Component("hierarchical-fedavg",
    Summary = "Federated averaging in two levels: groups each round, all of them every few rounds.",
    Aliases = ["hierfavg"],
    Source = "Liu et al., Client-Edge-Cloud Hierarchical Federated Learning, ICC 2020, arXiv:1905.06641, Algorithm 1")]
public sealed class Hierarchical(Hierarchical.Options options) : FederatedAlgorithm(options), ISamplePeers, IChooseLanes
{
    private const int GroupsGather = 0, ServerGathers = 1, ServerSpreads = 2, GroupsSpread = 3;

    /// <summary>Options of <see cref="Hierarchical"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Number of groups.</summary>
        [Option("Number of groups, each with a server of its own; where there are fewer members, each is a group.",
            Min = 1, Max = 1_000_000)]
        public int Groups { get; init; } = 2;

        /// <summary>Rounds between two means over all groups.</summary>
        [Option("Rounds (κ₂) from one mean over all groups to the next.", Min = 1, Max = 1_000_000)]
        public int ServerRounds { get; init; } = 2;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [ExchangeKind.SampledPeers, ExchangeKind.SampledPeers, ExchangeKind.SampledPeers, ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => exchange.Index is GroupsGather or ServerGathers;

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        exchange.Index == GroupsGather ? UpdateContent.Weights : UpdateContent.Other;

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var all = (context.Round + 1) % options.ServerRounds == 0;
        foreach (var group in GroupsOf(context.Ranks))
        {
            var (server, sent) = (group[0], group.Where(i => context.Trained(i) && context.Samples(i) > 0).ToList());
            if (context.Exchange == GroupsGather)
                foreach (var node in sent) rows.Add(server, node, context.Samples(node));
            if (context.Exchange == ServerGathers && all && sent.Count > 0)
                rows.Add(context.Server, server, sent.Sum(i => (double)context.Samples(i)));
            if (context.Exchange == ServerSpreads && all && server != context.Server) rows.Add(server, context.Server);
            if (context.Exchange == GroupsSpread && (all || sent.Count > 0))
                foreach (var node in group.Skip(1)) rows.Add(node, server);
        }
        return rows;
    }

    private IEnumerable<int[]> GroupsOf(IReadOnlyList<int> ranks)
    {
        var groups = Math.Min(options.Groups, ranks.Count);
        return ranks.Select((rank, i) => (rank, Group: (long)i * groups / ranks.Count))
            .GroupBy(m => m.Group, m => m.rank).Select(g => g.ToArray());
    }
}
