using Orleans.FL.Learning.Algorithms.Personalised;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Each node averages with those whose models represent its samples the most like its own does.</summary>
/// <remarks>
/// SONAR's family of representation similarity. s are log-probabilities on a probe, sᵢ the node's and sⱼ the other's;
/// the larger a similarity, the more alike. On the node's probe: <c>kl</c> 1/KL(sⱼ ‖ sᵢ) (CTLR); <c>kl-reversed</c>
/// 1/KL(sᵢ ‖ sⱼ) (LTLR); <c>euclidean</c> 1/Σ(sⱼ − sᵢ)²; <c>loss-inverse</c> 1 − ℓⱼ/Σℓ and <c>loss-softmax</c> 1 −
/// softmax(ℓ)ⱼ of the losses; <c>distance-correlation</c> and <c>cka</c> of sⱼ and sᵢ. On the other's probe, which
/// finds it and sends it in a second exchange: <c>sent-kl</c> 1/KL(sⱼ ‖ sᵢ) (CTCR) and <c>sent-euclidean</c>.
/// <c>pairwise-kl</c>, 1/Σₖ(KLᵢₖ − KLⱼₖ)², of what both found of third nodes k (euclidean_pairwise_KL), KLᵢₖ = KL(sᵢ ‖
/// sₖ) on i's probe, sent likewise. With <c>probe</c> <c>public</c> all compare on the same samples: <c>kl</c> is then
/// SONAR's CTAR and <c>distance-correlation</c> its AR, which SONAR computes on all nodes' samples. What a node finds
/// is averaged over its last rounds. Partners are chosen every few rounds and kept between; in the first rounds
/// (SONAR's T_0) there is another number of them, 0 for training alone. With consensus, what nodes find is sent in a
/// second exchange and combined by <see cref="PeerConsensus"/>: what another says of itself never counts. With metric
/// <c>all</c> (log_all_metrics) there are no partners, and each node's peer scores are in <c>peer_scores.csv</c>;
/// sent-kl and sent-euclidean of i and j are kl-reversed and euclidean of j and i there. Unlike here, SONAR's nodes
/// send samples, or inverted ones. Here nodes test each other's models and send numbers, which are trusted; inverted
/// samples are the node's own, of its own model, made anew each round and sent to nobody. SONAR's linear selections and
/// its growing top are known by name only: here the first go by place (linear ranking), and topSize grows by topGrowth
/// a round. Its mean-shift clustering, club_k_accepted, sim_exclude_first and warm-up epochs are not there.
/// </remarks>
/// <param name="options">Number of partners, metric, selection.</param>
[Component("representation-similarity",
    Summary = "Each node averages with those whose models represent its samples the most like its own does.",
    Aliases = ["feddatarepr"],
    Source = "SONAR (Self-Organizing Network of Aggregated Representations), algorithm feddatarepr; Kornblith et al., "
        + "Similarity of Neural Network Representations Revisited, ICML 2019, arXiv:1905.00414 (cka); "
        + "Yin et al., Dreaming to Distill: Data-free Knowledge Transfer via DeepInversion, CVPR 2020, "
        + "arXiv:1912.08795 (deep-inversion)")]
public sealed partial class RepresentationSimilarity(RepresentationSimilarity.Options options)
    : PartnerChoice(options), IUseClasses
{
    private const string Kl = "kl", KlReversed = "kl-reversed", Euclidean = "euclidean", LossInverse = "loss-inverse",
        LossSoftmax = "loss-softmax", DistanceCorrelation = "distance-correlation", Cka = "cka", SentKl = "sent-kl",
        SentEuclidean = "sent-euclidean", PairwiseKl = "pairwise-kl", AllMetrics = "all";
    private const string DeepInversionProbe = "deep-inversion";
    private const string History = "representation.history";
    private const string Chosen = "representation.partners";
    private const float Unknown = -1, Nobody = -1;
    private const double Least = 1e-10;
    private readonly Voting _voting = new("representation", "peerScores", options.Votes);

    /// <inheritdoc/>
    public string? WithoutClasses => options is { Metric: LossInverse or LossSoftmax, Probe: not DeepInversionProbe }
        ? null : $"set metric to {LossInverse} or {LossSoftmax}, and probe to samples of the data";

    /// <inheritdoc/>
    protected override Requirements Needs =>
        new() { Validation = options.Probe == ValidationProbe, PublicSet = options.Probe == PublicProbe };

    /// <inheritdoc/>
    public override string MessageSchema => Sends ? $"weights, then {options.Votes} peer scores" : WeightsOnly;

    private bool AreSent => options.Metric is SentKl or SentEuclidean or PairwiseKl;

    private DeepInversionSettings InversionSettings => new(options.Samples, options.InvEpochs, options.InvLr,
        options.AlphaPreds, options.AlphaTv, options.AlphaL2, options.AlphaF);

    private bool Sends => AreSent || options.Consensus != NoConsensus;

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        Sends ? [ExchangeKind.Neighbours, ExchangeKind.Neighbours] : [ExchangeKind.Neighbours];

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
        if (options.Metric == AllMetrics)
        {
            NoteAll(me, [.. received.Updates.Where(h => h.Node != me.Index)]);
            return;
        }
        if (!Sends)
        {
            base.Combine(me, exchange, received);
            return;
        }
        if (exchange.Index == 0)
        {
            ReceivedUpdate[] others = [.. received.Updates.Where(h => h.Node != me.Index)];
            var found = Similarities(me, others);
            _voting.Keep(me, others, AreSent ? found : Averages(me, others, found));
            return;
        }
        ReceivedUpdate[] kept = [.. _voting.Own(me).Keys.Select(other => _voting.Kept(me, other))];
        var sent = _voting.Read(me, received.Updates, options.Consensus == SimAveraging ? 1 : float.MaxValue);
        var count = CountOf(me, kept.Length);
        if (!AreSent) Average(me, Agreed(me, kept, sent));
        else Average(me, count == kept.Length ? kept : Choose(me, kept, count, SentSimilarities(me, kept, sent)));
        _voting.Forget(me);
    }

    /// <inheritdoc/>
    public override IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        foreach (var error in base.Check(facts)) yield return error;
        var others = facts.Nodes - 1;
        if (options.FirstRounds > 0 && options.FirstPartners > others)
            yield return new(".firstPartners", $"A node cannot have {options.FirstPartners} partners where there are "
                + $"{others} others; set firstPartners to {others} or less.");
        if (options.Consensus != NoConsensus && (AreSent || options.Metric == AllMetrics))
            yield return new(".consensus", $"With metric {options.Metric} nodes do not send each other how similar "
                + "they find others; set consensus to none, or metric to kl.");
        if (options.Consensus == SimAveraging && options.Metric is Kl or KlReversed or Euclidean)
            yield return new(".metric", $"A mean weighed by similarity needs one from 0 to 1, which {options.Metric} "
                + "is not; set metric to loss-inverse, loss-softmax, distance-correlation or cka.");
        if (options.Probe == DeepInversionProbe && options.Metric is LossInverse or LossSoftmax)
            yield return new(".metric", $"Inverted samples have no labels, so that {options.Metric} is not known; "
                + "set metric to kl, or probe to training.");
        if (options.Probe == DeepInversionProbe && options.Samples == 0)
            yield return new(".samples", "There are as many inverted samples as samples says; set it to 1 or more.");
        if (options.Consensus == Vote && options.Votes < options.VotesEach)
            yield return new(".votes", $"A node cannot vote for {options.VotesEach} and send {options.Votes}; "
                + $"set votes to {options.VotesEach} or more.");
    }

    /// <inheritdoc/>
    protected override int CountOf(Learner me, int others) =>
        me.Round < options.FirstRounds ? Math.Min(options.FirstPartners, others) : base.CountOf(me, others);

    /// <inheritdoc/>
    protected override IEnumerable<ReceivedUpdate> Choose(Learner me, IReadOnlyList<ReceivedUpdate> others,
        int count) => Choose(me, others, count, Similarities(me, others));

    private IEnumerable<ReceivedUpdate> Choose(
        Learner me, IReadOnlyList<ReceivedUpdate> others, int count, double[] similarities) =>
        Select(me, others, count, Averages(me, others, similarities));

    private IEnumerable<ReceivedUpdate> Select(
        Learner me, IReadOnlyList<ReceivedUpdate> others, int count, double[] similarities)
    {
        var before = me.Numbers(Chosen)?.Span.ToArray().Select(n => (int)n).ToHashSet();
        if (before is not null && me.Round % options.RoundsPerSelection != 0 && me.Round != options.FirstRounds)
            return others.Where(o => before.Contains(o.Node));
        if (count == 0 && me.Round < options.FirstRounds) return [];
        var chosen = Take(me, similarities, count).Select(i => others[i]).ToList();
        me.Remember(Chosen, chosen.Count == 0 ? [Nobody] : [.. chosen.Select(c => (float)c.Node)]);
        return chosen;
    }

    /// <summary>Similarities to others by what they found and sent; 0 to those that sent nothing of use.</summary>
    private double[] SentSimilarities(
        Learner me, IReadOnlyList<ReceivedUpdate> others, Dictionary<int, IReadOnlyDictionary<int, float>> sent)
    {
        if (options.Metric != PairwiseKl)
            return [.. others.Select(o => sent.TryGetValue(o.Node, out var found)
                && found.TryGetValue(me.Index, out var similarity) ? (double)similarity : 0)];
        var mine = Distances(_voting.Own(me));
        return [.. others.Select(o => sent.TryGetValue(o.Node, out var found)
            && SimilarityMeasures.Disagreement(mine, Distances(found)) is { } apart
            ? Inverse(apart)
            : 0)];
    }

    private static Dictionary<int, double> Distances(IReadOnlyDictionary<int, float> peerScores) =>
        peerScores.Where(f => f.Value > 0).ToDictionary(f => f.Key, f => 1.0 / f.Value);

    private double[] Similarities(Learner me, IReadOnlyList<ReceivedUpdate> others)
    {
        if (options.Metric is LossInverse or LossSoftmax) return ByLoss(options.Metric, LossesOf(me, others));
        if (Representation(me) is not { } represent) return new double[others.Count]; // without samples all are alike
        var own = represent(me.Weights);
        return [.. others.Select(o => Alike(options.Metric, own, represent(o.Update.Weights)))];
    }

    /// <summary>Records each metric that the node finds itself; those that are sent, others find of it.</summary>
    private void NoteAll(Learner me, ReceivedUpdate[] others)
    {
        if (Representation(me) is not { } represent) return;
        var own = represent(me.Weights);
        var theirs = Array.ConvertAll(others, o => represent(o.Update.Weights));
        foreach (var metric in (string[])[Kl, KlReversed, Euclidean, DistanceCorrelation, Cka])
            NoteEach(metric, [.. theirs.Select(other => Alike(metric, own, other))]);
        if (options.Probe == DeepInversionProbe) return; // which have no labels
        var losses = LossesOf(me, others);
        foreach (var metric in (string[])[LossInverse, LossSoftmax]) NoteEach(metric, ByLoss(metric, losses));

        void NoteEach(string metric, double[] similarities)
        {
            for (var i = 0; i < others.Length; i++) me.Note(metric, others[i].Node, similarities[i]);
        }
    }

    private double[] LossesOf(Learner me, IReadOnlyList<ReceivedUpdate> others)
    {
        var probe = ProbeOf(me, options.Probe, options.Samples);
        return [.. others.Select(o => probe.Count == 0 ? double.NaN : me.Bench.Evaluate(o.Update.Weights, probe).Loss)];
    }

    private static double[] ByLoss(string metric, double[] losses)
    {
        var shares = metric == LossInverse ? Array.ConvertAll(losses, l => l / losses.Sum()) : L2C.Softmax(losses);
        return Array.ConvertAll(shares, s => double.IsNaN(s) ? 0 : 1 - s);
    }

    private static double Alike(string metric, double[][] own, double[][] other)
    {
        var similarity = metric switch
        {
            Kl => Inverse(SimilarityMeasures.Divergence(other, own)),
            KlReversed or SentKl or PairwiseKl => Inverse(SimilarityMeasures.Divergence(own, other)),
            Euclidean or SentEuclidean => Inverse(SimilarityMeasures.SquaredDistance(own, other)),
            Cka => SimilarityMeasures.KernelAlignment(own, other),
            _ => SimilarityMeasures.DistanceCorrelation(own, other),
        };
        return double.IsNaN(similarity) ? 0 : similarity;
    }

    private static double Inverse(double distance) => 1 / Math.Max(Least, distance);

    /// <summary>
    /// What gives the log-probabilities of weights on the probe, one array a sample; null if it has no samples.
    /// </summary>
    private Func<ParameterVector, double[][]>? Representation(Learner me)
    {
        if (options.Probe == DeepInversionProbe)
        {
            var inverted = me.Bench.InvertedSamples(me.Weights, InversionSettings, "representation/dreams");
            return weights => LogProbabilities(me.Bench.OutputsOf(weights, inverted), options.Samples);
        }
        var probe = ProbeOf(me, options.Probe, options.Samples);
        return probe.Count == 0 ? null : weights => LogProbabilities(me.Bench.Outputs(weights, probe), probe.Count);
    }

    private static double[][] LogProbabilities(ParameterVector scores, int samples) =>
        [.. scores.Span.ToArray().Chunk(scores.Length / samples).Select(sample => ModelDistance.LogSoftmax(sample))];

    /// <summary>
    /// Means over the last rounds in which each was received; the newest round comes first in the history.
    /// </summary>
    private double[] Averages(Learner me, IReadOnlyList<ReceivedUpdate> others, double[] similarities)
    {
        var row = new float[me.Nodes];
        Array.Fill(row, Unknown);
        for (var i = 0; i < others.Count; i++) row[others[i].Node] = (float)similarities[i];
        float[] history =
            [.. row.Concat(me.Numbers(History)?.Span.ToArray() ?? []).Take(me.Nodes * options.RunningAverage)];
        me.Remember(History, history);
        return [.. others.Select(o => history.Where((value, at) => at % me.Nodes == o.Node && value > Unknown)
            .Average(v => (double)v))];
    }
}
