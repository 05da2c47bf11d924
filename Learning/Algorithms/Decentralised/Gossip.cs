using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Decentralised;

/// <summary>Decentralised SGD: each node trains, then mixes its weights with its neighbours'.</summary>
/// <remarks>
/// Lian et al. 2017 (D-PSGD), with local steps in place of one step a round, and adapting before combining: what is
/// mixed are the weights after the steps, W(x − η·g). The weights are the topology's: Metropolis–Hastings by default
/// (Xiao, Boyd, Systems and Control Letters 2004), which are doubly stochastic, so the mean over all nodes is kept.
/// With <c>partners</c> a node receives from (pull) or sends to (push) only so many neighbours, drawn anew each round;
/// the weight of the others stays with the receiver, so that rows still sum to one.
/// </remarks>
/// <param name="options">What is sent, and to how many.</param>
[Component("gossip", Summary = "Each node trains, then mixes its weights with its neighbours'.",
    Aliases = ["fedstatic", "d-psgd"],
    Source = "Lian et al., Can Decentralized Algorithms Outperform Centralized Algorithms?, NIPS 2017, "
        + "arXiv:1705.09056, Algorithm 1")]
public sealed class Gossip(Gossip.Options options) : Algorithm, ISamplePeers
{
    private const string Pull = "pull";
    private const string Push = "push";

    /// <summary>Options of <see cref="Gossip"/>.</summary>
    public sealed record Options
    {
        /// <summary>Most neighbours of a round; 0 for all.</summary>
        [Option("Most neighbours that a node receives from (pull) or sends to (push) in a round, drawn anew each time; "
            + "0 = all. Those that are heard keep the topology's weights, and the node itself has what is left: "
            + "so it mixes the more slowly, the fewer there are (topology.maxPartners raises the weights instead).",
            Min = 0, Max = 1_000_000)]
        public int Partners { get; init; }

        /// <summary>Who draws the partners.</summary>
        [Option("Who draws the partners: pull = the receiver draws its senders, push = the sender draws its receivers. "
            + "No difference where partners is 0.", Values = [Pull, Push])]
        public string Direction { get; init; } = Pull;

        /// <summary>Whether the classifier is mixed, too.</summary>
        [Option("Whether the last layer is mixed, too; if not, it stays each node's own.")]
        public bool AverageLastLayer { get; init; } = true;
    }

    /// <inheritdoc/>
    public override string MessageSchema => options.AverageLastLayer ? WeightsOnly : "all but the last layer";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [options.Partners == 0 ? ExchangeKind.Neighbours : ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(SentPart(layout).Length, []);

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(SentPart(me.Layout).Take(me.Weights));

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received) =>
        me.Weights = SentPart(me.Layout).Put(received.Mean(), me.Weights);

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var mixing = context.Ranks.ToDictionary(i => i, context.Mixing);
        var pairs = options.Direction == Pull
            ? mixing.ToDictionary(m => m.Key, m => Some(context, m.Key, [.. m.Value.Select(r => r.Node)]).ToHashSet())
            : Pushed(context, mixing);
        foreach (var (node, row) in mixing)
        {
            var received = row.Where(r => r.Node != node && pairs[node].Contains(r.Node)).ToList();
            foreach (var (other, weight) in received) rows.Add(node, other, weight);
            if (1 - received.Sum(r => r.Weight) is > 1e-12 and var own) rows.Add(node, node, own);
        }
        return rows;
    }

    private Dictionary<int, HashSet<int>> Pushed(
        PeerSamplingContext context, Dictionary<int, IReadOnlyList<(int Node, double Weight)>> mixing)
    {
        var receivers = context.Ranks.ToDictionary(i => i, _ => new List<int>());
        foreach (var (node, row) in mixing)
            foreach (var (other, _) in row) receivers[other].Add(node);
        var pairs = context.Ranks.ToDictionary(i => i, _ => new HashSet<int>());
        foreach (var sender in context.Ranks)
            foreach (var receiver in Some(context, sender, receivers[sender])) pairs[receiver].Add(sender);
        return pairs;
    }

    /// <summary>At most so many partners of a node; nothing is drawn where all will do.</summary>
    private IEnumerable<int> Some(PeerSamplingContext context, int node, List<int> candidates)
    {
        candidates.Remove(node);
        return candidates.Count <= options.Partners
            ? candidates
            : context.Stream("gossip/partners", node).Permutation(candidates.Count)[..options.Partners]
                .Select(i => candidates[i]);
    }

    private LayoutPart SentPart(ParameterLayout layout) =>
        options.AverageLastLayer ? LayoutPart.Where(layout, _ => true) : LayoutPart.LastLayers(layout, 1).Rest;
}
