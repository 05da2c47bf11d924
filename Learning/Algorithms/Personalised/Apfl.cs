using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Each node mixes the shared model with one of its own, and learns how much of which.</summary>
/// <remarks>
/// Deng, Kamani, Mahdavi 2020, Algorithm 1. At each local step the shared model w descends its own loss, and the
/// own one, v, that of the mix v̄ = αv + (1 − α)w, whose gradient in v is α·∇f(v̄). α descends ⟨∇f(v̄), v − w⟩
/// (equation 10); at the first step of a round only, and kept within 0 … 1, as in the authors' code, which differs
/// otherwise: it mixes the models' scores, not their weights, and adds 0.02·α to the gradient of α. Shared models are
/// averaged as in fedavg. With C below 1 a node's own model begins as the shared one of the round in which it first
/// trains. The mix with the shared model as it then is is tested and recorded.
/// </remarks>
/// <param name="options">Client fraction and α.</param>
[Component("apfl", Summary = "Each node mixes the shared model with one of its own, and learns how much of which. "
    + "Shared models are averaged by numbers of samples; an own one begins as the shared one of the round in which its "
    + "node first trains.",
    Source = "Deng et al., Adaptive Personalized Federated Learning, 2020, arXiv:2003.13461, Algorithm 1")]
public sealed class Apfl(Apfl.Options options) : FederatedAlgorithm(options), ICheckSettings
{
    private const string Own = "apfl.own";
    private const string Mix = "apfl.mix";
    private const string Share = "apfl.share";

    /// <summary>Options of <see cref="Apfl"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Share of the own model in the mix, at the beginning.</summary>
        [Option("Share α of the own model in the mix; where it is learnt, at the beginning.", Min = 0, Max = 1)]
        public double Alpha { get; init; } = 0.5;

        /// <summary>Whether the share is learnt.</summary>
        [Option("Whether the share α is learnt.")]
        public bool Adaptive { get; init; } = true;
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me)
    {
        var (shared, own, alpha) = (new LocalResult(me.Weights, OptimizerState.Fresh, default, 0), OwnOf(me),
            (double)ShareOf(me));
        var first = options.Adaptive;
        foreach (var batch in me.Bench.Batches())
        {
            var mix = Vectors.Combine(own, alpha, shared.Weights, 1 - alpha);
            // −η·∇f(v̄), and what BatchNorm saw
            var moved = Vectors.Combine(me.Bench.Step(new TrainingTask(mix), batch).Weights, 1, mix, -1);
            var apart = Vectors.Combine(own, 1, shared.Weights, -1);
            shared = shared.Then(me.Bench.Step(new TrainingTask(shared.Weights), batch));
            own = Vectors.Combine(own, 1, moved, alpha);
            if (first) alpha = Math.Clamp(alpha + Vectors.Dot(Vectors.Trainable(moved, me.Layout), apart), 0, 1);
            first = false;
        }
        me.Memory[Own] = own;
        me.Remember(Share, (float)alpha);
        me.Emit<OwnModelShare>(alpha, me.Samples);
        return shared;
    }

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result) => Remix(me);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        me.Weights = received.Mean();
        Remix(me);
    }

    /// <inheritdoc/>
    public override ParameterVector Tested(Learner me) => me.Memory.GetValueOrDefault(Mix) ?? me.Weights;

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (!facts.Trainings.All(t => t is { Optimizer: "sgd", Momentum: 0, WeightDecay: 0 }))
            yield return new ValidationError("", "APFL's steps of two models at once are defined for plain SGD; "
                + "set training.optimizer to sgd with momentum 0 and weightDecay 0.");
    }

    private static ParameterVector OwnOf(Learner me) => me.Memory.GetValueOrDefault(Own) ?? me.RoundStart;

    private float ShareOf(Learner me) => me.Numbers(Share)?.Span[0] ?? (float)options.Alpha;

    private void Remix(Learner me)
    {
        if (!me.Memory.ContainsKey(Own)) return;
        var share = (double)ShareOf(me);
        me.Memory[Mix] = Vectors.Combine(OwnOf(me), share, me.Weights, 1 - share);
    }
}
