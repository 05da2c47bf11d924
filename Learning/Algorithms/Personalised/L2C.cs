using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Each node learns, on its validation samples, how much of each other's training to take over.</summary>
/// <remarks>
/// Li, Zhou, Tian, Tao 2022 (L2C). A node has a number αⱼ for each other and itself, 1 at first; with w = softmax(α)
/// over the nodes that it receives from, it goes on from θ + Σ wⱼΔⱼ, θ its model before the round's training and Δⱼ
/// what moved j's (<c>updates</c>), or from Σ wⱼθⱼ (<c>weights</c>). Then α takes a step of Adam on the gradient of the
/// loss on all of its validation samples: ∂L/∂wⱼ = ⟨Δⱼ, ∇L⟩, through softmax. After T₀ rounds it keeps those K other
/// members of the largest α for good and Adam begins anew; it still receives from the others, which do not
/// know its choice. A node without validation samples leaves α as it is.
/// </remarks>
/// <param name="options">What is shared, learning rate of α, how many are kept.</param>
[Component("l2c",
    Summary = "Each node learns, on its validation samples, how much of each other's training to take over.",
    Aliases = ["learning-to-collaborate"],
    Source = "Li et al., Learning to Collaborate in Decentralized Learning of Personalized Models, CVPR 2022")]
public sealed class L2C(L2C.Options options) : Algorithm, ICheckSettings, IChooseLanes
{
    private const string Updates = "updates", WholeWeights = "weights";
    private const string Alpha = "l2c.alpha", Kept = "l2c.kept", First = "l2c.first", Second = "l2c.second",
        Steps = "l2c.steps";

    /// <summary>Options of <see cref="L2C"/>.</summary>
    public sealed record Options
    {
        /// <summary>What is sent.</summary>
        [Option("What nodes send each other: what a round's training moved, or their weights.",
            Values = [Updates, WholeWeights])]
        public string Sharing { get; init; } = Updates;

        /// <summary>Learning rate of α.</summary>
        [Option("Learning rate of Adam on α.", Min = 0, Max = 1000)]
        public double AlphaLearningRate { get; init; } = 0.1;

        /// <summary>Weight decay of α.</summary>
        [Option("Weight decay of α.", Min = 0, Max = 1000)]
        public double AlphaWeightDecay { get; init; } = 0.01;

        /// <summary>Rounds after which only some are kept.</summary>
        [Option("Rounds T₀ after which a node keeps only the others of the largest α; 0 = it keeps all.",
            Min = 0, Max = 1_000_000)]
        public int KeptAfter { get; init; }

        /// <summary>How many are kept.</summary>
        [Option("Number K of others that a node keeps after keptAfter rounds; 0 = only itself.",
            Min = 0, Max = 1_000_000)]
        public int Kept { get; init; }
    }

    /// <inheritdoc/>
    public override Requirements Requires => new() { EachUpdate = true, Validation = true };

    /// <inheritdoc/>
    public override string MessageSchema => options.Sharing;

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => true;

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) =>
        options.Sharing == WholeWeights ? UpdateContent.Weights : UpdateContent.Changes;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        new(options.Sharing == WholeWeights ? me.Weights : Vectors.Combine(me.Weights, 1, me.RoundStart, -1));

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var (alpha, kept) = (NumbersOf(me, Alpha, 1), NumbersOf(me, Kept, 1));
        var own = new ReceivedUpdate(me.Index, 1, Compose(me, exchange));
        var all = received.Updates.Where(h => h.Node != me.Index && kept[h.Node] > 0).Append(own)
            .OrderBy(h => h.Node).ToList();
        var weights = Softmax([.. all.Select(h => (double)alpha[h.Node])]);
        var mean = ReceivedUpdates.Of([.. all.Zip(weights, (h, w) => h with { Weight = w })]).Mean();
        me.Weights = options.Sharing == WholeWeights ? mean : Vectors.Combine(me.RoundStart, 1, mean, 1);
        if (me.Bench.Validation.Count > 0) StepAlpha(me, all, weights, alpha, kept);
        if (options.KeptAfter > 0 && me.Round >= options.KeptAfter - 1 && me.Numbers(Kept) is null) Prune(me);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts) =>
        options.KeptAfter > 0 && options.Kept > facts.Nodes - 1
            ? [new ValidationError("kept", $"A node cannot keep {options.Kept} others where there are "
                + $"{facts.Nodes - 1}; {Remedy.AtMost("kept", facts.Nodes - 1, "keptAfter", "to 0")}.")]
            : [];

    /// <summary>Shares by e^α that sum to 1.</summary>
    /// <param name="alpha">α, at least one.</param>
    public static double[] Softmax(double[] alpha)
    {
        var shares = Array.ConvertAll(alpha, a => Math.Exp(a - alpha.Max()));
        return Array.ConvertAll(shares, s => s / shares.Sum());
    }

    /// <summary>The gradient in α, from that in the shares.</summary>
    /// <param name="shares">w = softmax(α).</param>
    /// <param name="gradient">∂L/∂w.</param>
    public static double[] ThroughSoftmax(double[] shares, double[] gradient)
    {
        var mean = shares.Zip(gradient, (w, g) => w * g).Sum();
        return [.. shares.Zip(gradient, (w, g) => w * (g - mean))];
    }

    private void StepAlpha(Learner me, List<ReceivedUpdate> all, double[] weights, float[] alpha, float[] kept)
    {
        var slope = me.Bench.Gradient(me.Weights, me.Bench.Validation);
        var partial = ThroughSoftmax(weights, [.. all.Select(h => Vectors.Dot(h.Update.Weights, slope))]);
        var gradient = new double[alpha.Length];
        for (var i = 0; i < partial.Length; i++) gradient[all[i].Node] = partial[i];
        var (first, second, steps) = (NumbersOf(me, First, 0), NumbersOf(me, Second, 0),
            (me.Numbers(Steps)?.Span[0] ?? 0) + 1);
        for (var i = 0; i < alpha.Length; i++)
        {
            if (kept[i] == 0) continue;
            var g = gradient[i] + options.AlphaWeightDecay * alpha[i];
            first[i] = (float)(0.9 * first[i] + 0.1 * g);
            second[i] = (float)(0.999 * second[i] + 0.001 * g * g);
            var (m, v) = (first[i] / (1 - Math.Pow(0.9, steps)), second[i] / (1 - Math.Pow(0.999, steps)));
            alpha[i] -= (float)(options.AlphaLearningRate * m / (Math.Sqrt(v) + 1e-8));
        }
        me.Remember(Alpha, alpha);
        me.Remember(First, first);
        me.Remember(Second, second);
        me.Remember(Steps, steps);
    }

    private void Prune(Learner me)
    {
        var alpha = NumbersOf(me, Alpha, 1);
        var kept = new float[alpha.Length];
        kept[me.Index] = 1;
        foreach (var node in Enumerable.Range(0, alpha.Length).Where(i => i != me.Index && me.IsMember(i))
            .OrderByDescending(i => alpha[i]).Take(options.Kept))
            kept[node] = 1;
        me.Remember(Kept, kept);
        me.Remember(First, new float[alpha.Length]);
        me.Remember(Second, new float[alpha.Length]);
        me.Remember(Steps, 0);
    }

    private static float[] NumbersOf(Learner me, string name, float before)
    {
        if (me.Numbers(name) is { } numbers) return numbers.Span.ToArray();
        var all = new float[me.Nodes];
        Array.Fill(all, before);
        return all;
    }
}
