using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>Decentralised SGD: each node trains, then mixes its weights with its neighbours'.</summary>
/// <remarks>
/// Lian et al. 2017 (D-PSGD), with local steps in place of one step a round, and adapting before combining:
/// what is mixed are the weights after the steps, W(x − η·g). The weights are the topology's:
/// Metropolis–Hastings by default (Xiao, Boyd, Systems and Control Letters 2004), which are doubly stochastic, so the
/// mean over all nodes is kept. With <c>partners</c> only so many neighbours, drawn anew each round, are heard (pull) or told (push); the weight of the others stays
/// with the hearer, so that rows still sum to one.
/// </remarks>
/// <param name="options">What is told, and to how many.</param>
[Component("gossip", Summary = "Each node trains, then mixes its weights with its neighbours'.", Aliases = ["fedstatic", "d-psgd"],
    Source = "Lian et al., Can Decentralized Algorithms Outperform Centralized Algorithms?, NIPS 2017, arXiv:1705.09056, Algorithm 1")]
public sealed class Gossip(Gossip.Options options) : Algorithm
{
    private const string Pull = "pull";
    private const string Push = "push";

    /// <summary>Options of <see cref="Gossip"/>.</summary>
    public sealed record Options
    {
        /// <summary>Most neighbours of a round; 0 for all.</summary>
        [Option("Most neighbours that a node hears (pull) or tells (push) in a round, drawn anew each time; 0 = all.", Min = 0, Max = 1_000_000)]
        public int Partners { get; init; }

        /// <summary>Who draws the partners.</summary>
        [Option("Who draws the partners: pull = a node those that it hears, push = a node those that hear it. Alike where partners is 0.", Values = [Pull, Push])]
        public string Direction { get; init; } = Pull;

        /// <summary>Whether the classifier is mixed, too.</summary>
        [Option("Whether the last layer is mixed, too; if not, it stays each node's own.")]
        public bool AverageLastLayer { get; init; } = true;
    }

    /// <inheritdoc/>
    public override string Dialect => options.AverageLastLayer ? base.Dialect : "all but the last layer";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [options.Partners == 0 ? ExchangeKind.Neighbours : ExchangeKind.Drawn];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(Told(layout).Length, []);

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(Told(me.Layout).Take(me.Weights));

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, Hearing heard) => me.Weights = Told(me.Layout).Put(heard.Mean(), me.Weights);

    /// <inheritdoc/>
    public override Rows Draw(Meeting meeting)
    {
        var rows = new Rows();
        var mixing = meeting.Ranks.ToDictionary(i => i, meeting.Mixing);
        var pairs = options.Direction == Pull
            ? mixing.ToDictionary(m => m.Key, m => Some(meeting, m.Key, [.. m.Value.Select(r => r.Node)]).ToHashSet())
            : Pushed(meeting, mixing);
        foreach (var (node, row) in mixing)
        {
            var heard = row.Where(r => r.Node != node && pairs[node].Contains(r.Node)).ToList();
            foreach (var (other, weight) in heard) rows.Add(node, other, weight);
            if (1 - heard.Sum(r => r.Weight) is > 1e-12 and var own) rows.Add(node, node, own);
        }
        return rows;
    }

    private Dictionary<int, HashSet<int>> Pushed(Meeting meeting, Dictionary<int, IReadOnlyList<(int Node, double Weight)>> mixing)
    {
        var hearers = meeting.Ranks.ToDictionary(i => i, _ => new List<int>());
        foreach (var (node, row) in mixing)
            foreach (var (other, _) in row) hearers[other].Add(node);
        var pairs = meeting.Ranks.ToDictionary(i => i, _ => new HashSet<int>());
        foreach (var teller in meeting.Ranks)
            foreach (var hearer in Some(meeting, teller, hearers[teller])) pairs[hearer].Add(teller);
        return pairs;
    }

    /// <summary>At most so many partners of a node; nothing is drawn where all will do.</summary>
    private IEnumerable<int> Some(Meeting meeting, int node, List<int> candidates)
    {
        candidates.Remove(node);
        return candidates.Count <= options.Partners
            ? candidates
            : meeting.Stream("gossip/partners", node).Permutation(candidates.Count)[..options.Partners].Select(i => candidates[i]);
    }

    private LayoutPart Told(ParameterLayout layout) =>
        options.AverageLastLayer ? LayoutPart.Where(layout, _ => true) : LayoutPart.LastLayers(layout, 1).Rest;
}
