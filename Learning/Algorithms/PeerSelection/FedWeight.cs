using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>
/// Each node averages with those of the most similar weights; with consensus, by what its neighbours find, too.
/// </summary>
/// <remarks>
/// SONAR's weight similarity: (1 + cos)/2 or 1/max(1, ‖x − y‖²), both 0 … 1. With consensus there is a second exchange,
/// in which a node sends its largest similarities. Its new one to j is Σ sᵥ·Sᵥⱼ / Σ sᵥ over itself (with s = 1) and the
/// neighbours v that send one to j, sᵥ its own similarity to v; what j says of itself is not trusted, and the node's
/// own similarity to j stands for it. The models received are kept from the first exchange to the second.
/// </remarks>
/// <param name="options">Number of partners, similarity, consensus.</param>
[Component("fedweight",
    Summary = "Each node averages with those of the most similar weights; with consensus, by what its neighbours "
        + "find, too.", Source = "SONAR (Self-Organizing Network of Aggregated Representations), algorithm fedweight")]
public sealed class FedWeight(FedWeight.Options options) : PartnerChoice(options)
{
    private const string Cosine = "cosine", InverseL2 = "inverse-l2";

    private readonly Voting _voting = new("fedweight", "similarities", options.Votes);

    /// <summary>Options of <see cref="FedWeight"/>.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>Similarity of weights.</summary>
        [Option(
            "Similarity of two models: (1 + cos)/2 of their weights, or one over their squared distance (1 at most).",
            Values = [Cosine, InverseL2])]
        public string Metric { get; init; } = Cosine;

        /// <summary>Whether neighbours' similarities count.</summary>
        [Option("Whether nodes send each other the similarities that they find, and choose by the mean of these.")]
        public bool Consensus { get; init; }

        /// <summary>Similarities that a node sends.</summary>
        [Option("Number of similarities that a node sends for the consensus, its largest ones.",
            Min = 1, Max = 1_000_000)]
        public int Votes { get; init; } = 16;
    }

    /// <inheritdoc/>
    public override string MessageSchema =>
        options.Consensus ? $"weights, then {options.Votes} similarities" : WeightsOnly;

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        options.Consensus ? [ExchangeKind.Neighbours, ExchangeKind.Neighbours] : [ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        exchange.Index == 0 ? base.Shape(layout, exchange) : _voting.Shape;

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        exchange.Index == 0 ? UpdateContent.Weights : UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        exchange.Index == 0 ? base.Compose(me, exchange) : _voting.Compose(me);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        if (!options.Consensus) base.Combine(me, exchange, received);
        else if (exchange.Index == 0) Judge(me, [.. received.Updates.Where(h => h.Node != me.Index)]);
        else Agree(me, received.Updates);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ReceivedUpdate> Choose(
        Learner me, IReadOnlyList<ReceivedUpdate> others, int count) =>
        Ascending([.. others.Select(o => -SimilarityTo(me, o.Update.Weights))]).Take(count).Select(i => others[i]);

    /// <summary>
    /// The consensus: by node, the mean of what voters find, each weighing what the node finds of the voter.
    /// </summary>
    /// <param name="own">What the node finds of others, by rank.</param>
    /// <param name="votes">What its neighbours find, by voter and rank.</param>
    public static SortedDictionary<int, double> Consensus(
        IReadOnlyDictionary<int, float> own, IReadOnlyDictionary<int, IReadOnlyDictionary<int, float>> votes)
    {
        var agreed = new SortedDictionary<int, double>();
        foreach (var (node, mine) in own)
        {
            // The node itself, and what stands for the other's vote for itself.
            double sum = mine + (double)mine * mine, weights = 1 + (double)mine;
            foreach (var (voter, found) in votes.OrderBy(v => v.Key))
            {
                if (voter == node || !own.TryGetValue(voter, out var trust) || !found.TryGetValue(node, out var vote))
                    continue;
                sum += (double)trust * vote;
                weights += trust;
            }
            agreed[node] = sum / weights;
        }
        return agreed;
    }

    private void Judge(Learner me, List<ReceivedUpdate> others) =>
        _voting.Keep(me, others, [.. others.Select(o => SimilarityTo(me, o.Update.Weights))]);

    private void Agree(Learner me, IReadOnlyList<ReceivedUpdate> updates)
    {
        var agreed = Consensus(_voting.Own(me), _voting.Read(me, updates, 1)).ToList();
        var best = Ascending([.. agreed.Select(a => -a.Value)]).Take(CountOf(me, agreed.Count));
        Average(me, best.Select(i => _voting.Kept(me, agreed[i].Key)));
        _voting.Forget(me);
    }

    private double SimilarityTo(Learner me, ParameterVector other) => options.Metric == Cosine
        ? (1 + ModelDistance.Cosine(me.Weights, other, me.Layout)) / 2
        : 1 / Math.Max(1, Math.Pow(ModelDistance.Euclidean(me.Weights, other, me.Layout), 2));
}
