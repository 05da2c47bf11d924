using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Gossip every few rounds, with weights by which all nodes have the same influence: SWIFT in lockstep.</summary>
/// <remarks>
/// Bornstein, Rabbani, Wang, Bedi, Huang 2023, for the pace that is there: each round all train, and every C_s-th round they mix with the latest models of their neighbours, which in lockstep
/// are those of the round, so that no mailbox is needed. Weights are those of client-communication selection for uniform influence: by falling degree, a node shares what its
/// neighbours of higher degree have left of 1 out in equal parts to itself and the others; two of the same degree take the smaller of their parts. They are symmetric. The weight of a
/// neighbour that does not answer stays with the node, as in the variant for low memory. Between two mixings nothing is told.
/// </remarks>
/// <param name="options">Interval.</param>
[Component("swift", Summary = "Gossip every few rounds, with weights by which all nodes have the same influence: SWIFT in lockstep.",
    Source = "Bornstein et al., SWIFT: Rapid Decentralized Federated Learning via Wait-Free Model Communication, ICLR 2023, arXiv:2210.14026")]
public sealed class Swift(Swift.Options options) : Algorithm
{
    /// <summary>Options of <see cref="Swift"/>.</summary>
    public sealed record Options
    {
        /// <summary>Rounds from one mixing to the next.</summary>
        [Option("Rounds C_s from one mixing to the next; 1 = each round.", Min = 1, Max = 1_000_000)]
        public int Interval { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        if ((meeting.Round + 1) % options.Interval != 0) return rows;
        var neighbours = meeting.Ranks.ToDictionary(i => i, i => meeting.Mixing(i).Select(r => r.Node).Where(j => j != i).ToList());
        var weights = Selection(neighbours);
        foreach (var node in meeting.Ranks)
        {
            foreach (var other in neighbours[node]) rows.Add(node, other, weights[Pair(node, other)]);
            rows.Add(node, node, 1 - neighbours[node].Sum(other => weights[Pair(node, other)]));
        }
        return rows;
    }

    /// <summary>The weight of each edge, the lower rank first.</summary>
    /// <param name="neighbours">Neighbours of each node; who is another's neighbour has it as one.</param>
    public static Dictionary<(int, int), double> Selection(IReadOnlyDictionary<int, List<int>> neighbours)
    {
        var weights = new Dictionary<(int, int), double>();
        foreach (var peers in neighbours.GroupBy(n => n.Value.Count, n => n.Key).OrderByDescending(g => g.Key))
        {
            var parts = peers.ToDictionary(i => i, i =>
            {
                var given = neighbours[i].Where(j => weights.ContainsKey(Pair(i, j))).ToList();
                return (1 - given.Sum(j => weights[Pair(i, j)])) / (neighbours[i].Count - given.Count + 1);
            });
            foreach (var (node, part) in parts)
                foreach (var other in neighbours[node].Where(j => neighbours[j].Count <= peers.Key))
                    weights[Pair(node, other)] = parts.TryGetValue(other, out var others) ? Math.Min(part, others) : part;
        }
        return weights;
    }

    private static (int, int) Pair(int a, int b) => (Math.Min(a, b), Math.Max(a, b));
}
