using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Each node has a sparse model with a mask of its own, which moves to where the gradient is large; only what
/// it keeps is trained and sent.</summary>
/// <remarks>
/// Dai et al. 2022, Algorithm 1. A round: train under the mask; drop, of each tensor, the ⌈αₜ·n⌉ kept values of the
/// least magnitude, αₜ = (a/2)(1 + cos(πt/T)), and take up as many where the mask then is 0, by the magnitude of the
/// gradient on one batch (evaluation mode), from 0; send the kept values and the mask, a bit a value; and make each
/// kept value the mean over those that keep it, the node itself among them. Tensors of one dimension are never masked;
/// BatchNorm's statistics stay the node's own. Moments of dropped values are forgotten. The topology says from whom a
/// node receives; its weights are not used. Nodes that are not active in a round train all the same.
/// </remarks>
/// <param name="options">Density, γ, how masks move.</param>
[Component("dispfl", Summary = "Each node trains and sends a sparse model, "
    + "with a mask of its own that moves to where the gradient is large.",
    Source = "Dai et al., DisPFL: Towards Communication-Efficient Personalized Federated Learning via Decentralized "
        + "Sparse Training, ICML 2022, arXiv:2206.00187, Algorithm 1")]
public sealed class DisPFL(DisPFL.Options options) : Algorithm, ISamplePeers
{
    private const string Mask = "dispfl.mask";
    private const string SentMask = "mask";
    private const string ByGradient = "gradient", AtRandom = "random", Never = "never";

    /// <summary>Options of <see cref="DisPFL"/>.</summary>
    public sealed record Options
    {
        /// <summary>Share of values that is kept.</summary>
        [Option("Share of the values of tensors with two dimensions or more that a node keeps.",
            Min = 0, Max = 1, AboveMin = true)]
        public double Density { get; init; } = 0.5;

        /// <summary>Power of the kernel.</summary>
        [Option("Power γ of the Erdős–Rényi kernel: the larger, the denser are small tensors; 0 = all the same.",
            Min = 0, Max = 10)]
        public double ErkPower { get; init; } = 1;

        /// <summary>Share that is dropped at first.</summary>
        [Option("Share a of the kept values that is exchanged in the first round; falls with the cosine.",
            Min = 0, Max = 1)]
        public double Anneal { get; init; } = 0.5;

        /// <summary>Rounds until masks stand still.</summary>
        [Option("Rounds T after which masks move no more; the experiment's rounds, as a rule.",
            Min = 1, Max = 1_000_000)]
        public int AnnealRounds { get; init; } = 500;

        /// <summary>How values are taken up.</summary>
        [Option("By what values are taken up for dropped ones; never = masks stay as they were drawn.",
            Values = [ByGradient, AtRandom, Never])]
        public string Regrowth { get; init; } = ByGradient;

        /// <summary>Whether all begin with one mask.</summary>
        [Option("Whether all nodes begin with the same mask.")]
        public bool SameMask { get; init; } = true;

        /// <summary>Probability that a node is active in a round.</summary>
        [Option("Probability that a node is active in a round; an inactive node neither sends nor receives.",
            Min = 0, Max = 1, AboveMin = true)]
        public double ActiveRate { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override Requirements Requires => new() { EachUpdate = true };

    /// <inheritdoc/>
    public override string MessageSchema => $"{options.Density} of the weights (γ = {options.ErkPower})";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [options.ActiveRate < 1 ? ExchangeKind.SampledPeers : ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        var active = context.Ranks
            .Where(i => context.Stream("dispfl/active", i).NextDouble() < options.ActiveRate).ToHashSet();
        foreach (var node in active)
            foreach (var (other, weight) in context.Mixing(node).Where(r => active.Contains(r.Node)))
                rows.Add(node, other, weight);
        return rows;
    }

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange)
    {
        var (masked, kept) = (SparseMask.Masked(layout).Length, CountsOf(layout).Sum());
        return new(layout.TrainableLength - masked + kept,
            masked == 0 ? [] : [new AuxiliaryVector(SentMask, SparseMask.Words(layout), IsExact: true)]);
    }

    /// <inheritdoc/>
    public override LocalResult Train(Learner me)
    {
        var mask = MaskOf(me);
        var start = Times(me.Weights, mask);
        var result = me.Bench.Train(
            new TrainingTask(start) { Objective = Objective(me) with { Mask = mask }, Optimizer = me.Optimizer });
        if (options.Regrowth != Never) mask = Moved(me, mask, result.Weights);
        me.Memory[Mask] = mask;
        return result with { Weights = Times(result.Weights, mask), Optimizer = Kept(result.Optimizer, mask) };
    }

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange)
    {
        var (mask, values) = (MaskOf(me), new List<float>());
        for (var i = 0; i < me.Layout.TrainableLength; i++)
            if (mask.Span[i] != 0) values.Add(me.Weights.Span[i]);
        var sent = ParameterVector.Own([.. values]);
        return SparseMask.Masked(me.Layout).Length == 0
            ? new(sent)
            : new(sent, new Dictionary<string, ParameterVector> { [SentMask] = SparseMask.Pack(me.Layout, mask) });
    }

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var (sums, counts) = (new double[me.Layout.TrainableLength], new int[me.Layout.TrainableLength]);
        foreach (var (node, _, update) in received.Updates.Where(h => h.Node != me.Index)
            .Append(new ReceivedUpdate(me.Index, 1, Compose(me, exchange))).OrderBy(h => h.Node))
        {
            var (mask, at) = (update.AuxiliaryVectors.TryGetValue(SentMask, out var words)
                ? SparseMask.Unpack(me.Layout, words)
                : null, 0);
            for (var i = 0; i < sums.Length; i++)
            {
                if (mask is not null && mask.Span[i] == 0) continue;
                if (at == update.Weights.Length)
                    throw new InvalidDataException(
                        $"The mask of node {node} keeps more values than were sent with it.");
                if (!float.IsFinite(update.Weights.Span[at]))
                    throw new NotSummableException($"The weights of node {node} have diverged.");
                sums[i] += update.Weights.Span[at++];
                counts[i]++;
            }
        }
        var (own, values) = (MaskOf(me), me.Weights.Span.ToArray());
        for (var i = 0; i < sums.Length; i++) values[i] = own.Span[i] == 0 ? 0 : (float)(sums[i] / counts[i]);
        me.Weights = ParameterVector.Own(values);
    }

    /// <summary>The share of kept values that is exchanged for others.</summary>
    /// <param name="round">Round, from 0.</param>
    public double Exchanged(int round) =>
        options.Anneal / 2 * (1 + Math.Cos(Math.PI * Math.Min(1, (double)round / options.AnnealRounds)));

    private ParameterVector MaskOf(Learner me)
    {
        if (me.Memory.TryGetValue(Mask, out var mask)) return mask;
        var keys = options.SameMask ? me.InitialWeights(1) : Random(me, "dispfl/first-mask");
        return SparseMask.Of(me.Layout, CountsOf(me.Layout), keys.Span);
    }

    /// <summary>The mask with the least of the kept values dropped, and as many others taken up.</summary>
    private ParameterVector Moved(Learner me, ParameterVector mask, ParameterVector weights)
    {
        // none without samples, nor with fewer than the model can train on
        if (me.Bench.Batches("dispfl/regrowth").FirstOrDefault() is not { } batch) return mask;
        var keys = options.Regrowth == AtRandom
            ? Random(me, "dispfl/regrowth")
            : me.Bench.Gradient(weights, batch);
        var moved = mask.Span.ToArray();
        foreach (var (slice, count) in SparseMask.Masked(me.Layout).Slices.Zip(CountsOf(me.Layout)))
        {
            var exchanged = (int)Portion.Ceiling(Exchanged(me.Round), count);
            var places = Enumerable.Range(slice.Offset, slice.Length).ToList();
            foreach (var i in places.Where(i => moved[i] != 0).OrderBy(i => Math.Abs(weights.Span[i]))
                .Take(exchanged).ToList())
                moved[i] = 0;
            foreach (var i in places.Where(i => moved[i] == 0).OrderByDescending(i => Math.Abs(keys.Span[i]))
                .Take(exchanged).ToList())
                moved[i] = 1;
        }
        return ParameterVector.Own(moved);
    }

    private int[] CountsOf(ParameterLayout layout) => SparseMask.Counts(layout, options.Density, options.ErkPower);

    private static ParameterVector Random(Learner me, string purpose)
    {
        var stream = me.Stream(purpose);
        var keys = new float[me.Layout.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = stream.NextSingle();
        return ParameterVector.Own(keys);
    }

    private static OptimizerState Kept(OptimizerState state, ParameterVector mask) => state with
    {
        First = state.First is { } first ? Times(first, mask) : null,
        Second = state.Second is { } second ? Times(second, mask) : null,
    };

    private static ParameterVector Times(ParameterVector x, ParameterVector mask)
    {
        var values = x.Span.ToArray();
        for (var i = 0; i < values.Length; i++)
            if (mask.Span[i] == 0) values[i] = 0;
        return ParameterVector.Own(values);
    }
}
