using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>
/// Each node goes from its last model towards those that do better on its validation samples, the more the better.
/// </summary>
/// <remarks>
/// Zhang et al. 2021, equations 6 and 7. With θ the node's model of before the round's training, a candidate θⱼ (its
/// own trained one among them) weighs max(0, (L(θ) − L(θⱼ))/‖θⱼ − θ‖), L the mean loss on the node's validation samples
/// and the norm the Euclidean one (in the authors' code by default the sum of magnitudes); weights are made to sum to
/// 1, so that θ + Σ wⱼ(θⱼ − θ) is their weighted mean. If nobody does better, the node goes back to θ. Candidates
/// besides itself are the M of the largest affinity, the sum of the weights so far, or with probability ε, which falls
/// each round, any M. The paper's server sends M models; here a node receives from its neighbours and tests M of them.
/// A node without validation samples keeps what it trained.
/// </remarks>
/// <param name="options">Number of candidates, ε.</param>
[Component("fedfomo",
    Summary = "Each node goes towards the models that do better on its validation samples, the more the better.",
    Source = "Zhang et al., Personalized Federated Learning with First Order Model Optimization, ICLR 2021, "
        + "arXiv:2012.08565, equations 6 and 7")]
public sealed class FedFomo(FedFomo.Options options) : PartnerChoice(options)
{
    private const string Affinity = "fedfomo.affinity";

    /// <summary>Options of <see cref="FedFomo"/>: partners is the number M of candidates.</summary>
    public sealed record Options : PartnerOptions
    {
        /// <summary>Probability of random candidates.</summary>
        [Option("Probability ε, in the first round, that candidates are drawn at random and not by affinity.",
            Min = 0, Max = 1)]
        public double Epsilon { get; init; } = 0.3;

        /// <summary>Fall of ε.</summary>
        [Option("What ε falls by each round, down to 0.", Min = 0, Max = 1)]
        public double EpsilonDecay { get; init; } = 0.05;
    }

    /// <inheritdoc/>
    protected override Requirements Needs => new() { Validation = true };

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        if (me.Bench.Validation.Count == 0) return;
        var others = received.Updates.Where(h => h.Node != me.Index).ToList();
        var before = LossOf(me, me.RoundStart);
        var weighed = Choose(me, others, CountOf(me, others.Count))
            .Append(new ReceivedUpdate(me.Index, 1, new Update(me.Weights)))
            .Select(h => (h.Node, h.Update, Weight: Weigh(before, LossOf(me, h.Update.Weights),
                ModelDistance.Euclidean(h.Update.Weights, me.RoundStart, me.Layout))))
            .ToList();
        Remember(me, weighed.Where(h => h.Node != me.Index).Select(h => (h.Node, h.Weight)));
        var better = weighed.Where(h => h.Weight > 0).OrderBy(h => h.Node)
            .Select(h => new ReceivedUpdate(h.Node, h.Weight, h.Update)).ToList();
        me.Weights = better.Count == 0 ? me.RoundStart : ReceivedUpdates.Of(better).Mean();
    }

    /// <summary>
    /// What a candidate weighs before its weight is cut off at 0; 0 if it is the same model, or its loss is no number.
    /// </summary>
    /// <param name="before">Loss of the node's model of before.</param>
    /// <param name="loss">Loss of the candidate.</param>
    /// <param name="distance">Distance of the two.</param>
    public static double Weigh(double before, double loss, double distance) =>
        distance == 0 || !double.IsFinite((before - loss) / distance) ? 0 : (before - loss) / distance;

    /// <inheritdoc/>
    protected override IEnumerable<ReceivedUpdate> Choose(Learner me, IReadOnlyList<ReceivedUpdate> others, int count)
    {
        var stream = me.Stream("fedfomo/candidates");
        if (stream.NextDouble() < options.Epsilon - me.Round * options.EpsilonDecay)
            return stream.Permutation(others.Count)[..count].Select(i => others[i]);
        var affinity = AffinityOf(me);
        return Ascending([.. others.Select(o => -(double)affinity[o.Node])]).Take(count).Select(i => others[i]);
    }

    private static double LossOf(Learner me, ParameterVector weights) =>
        me.Bench.Evaluate(weights, me.Bench.Validation).Loss;

    private static float[] AffinityOf(Learner me) => me.Numbers(Affinity)?.Span.ToArray() ?? new float[me.Nodes];

    private static void Remember(Learner me, IEnumerable<(int Node, double Weight)> weighed)
    {
        var affinity = AffinityOf(me);
        foreach (var (node, weight) in weighed) affinity[node] += (float)weight;
        me.Remember(Affinity, affinity);
    }
}
