using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>
/// L2C whose weights come from codes of the models: nodes learn together an encoder by which those that help each
/// other are alike.
/// </summary>
/// <remarks>
/// Li, Zhou, Tian, Tao 2022 (meta-L2C). w = softmax of ⟨E(rⱼ), E(rᵢ)⟩ over the nodes j that node i receives from, rⱼ
/// what training moved j's model by since the run's beginning, E a <see cref="FilterEncoder"/>. The node goes on as in
/// <see cref="L2C"/>; then E takes a step of SGD on the loss on the node's validation samples, through w. Each node
/// sends its encoder, and uses the mean of those that it receives. After T₀ rounds it keeps those K others of the
/// largest w for good. A node without validation samples leaves the encoder as it is.
/// </remarks>
/// <param name="options">What is shared, learning rate of the encoder, how many are kept.</param>
[Component("meta-l2c",
    Summary = "L2C whose weights come from codes of the models, by an encoder that nodes learn together.",
    Aliases = ["metal2c"],
    Source = "Li et al., Learning to Collaborate in Decentralized Learning of Personalized Models, CVPR 2022")]
public sealed class MetaL2C(MetaL2C.Options options) : Algorithm, ICheckSettings, IChooseLanes
{
    private const string Updates = "updates", WholeWeights = "weights";
    private const string Encoder = "meta-l2c.encoder", Kept = "meta-l2c.kept";
    private const string SentEncoder = "encoder", SentMove = "moved";

    /// <summary>Options of <see cref="MetaL2C"/>.</summary>
    public sealed record Options
    {
        /// <summary>What is taken over.</summary>
        [Option("What nodes take over of each other: what a round's training moved, "
            + "which is sent with the weights, or weights.",
            Values = [Updates, WholeWeights])]
        public string Sharing { get; init; } = Updates;

        /// <summary>Learning rate of the encoder.</summary>
        [Option("Learning rate of SGD on the encoder.", Min = 0, Max = 1000)]
        public double EncoderLearningRate { get; init; } = 0.1;

        /// <summary>Rounds after which only some are kept.</summary>
        [Option("Rounds T₀ after which a node keeps only the others of the largest weight; 0 = it keeps all.",
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
    public override string MessageSchema => $"weights, an encoder and {options.Sharing}";

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) => [ExchangeKind.Neighbours];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => true;

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(layout.Length, options.Sharing == Updates
            ? [new AuxiliaryVector(SentEncoder, FilterEncoder.Length(layout)),
                new AuxiliaryVector(SentMove, layout.Length)]
            : [new AuxiliaryVector(SentEncoder, FilterEncoder.Length(layout))]);

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange)
    {
        var auxiliary = new Dictionary<string, ParameterVector> { [SentEncoder] = EncoderOf(me) };
        if (options.Sharing == Updates) auxiliary[SentMove] = Vectors.Combine(me.Weights, 1, me.RoundStart, -1);
        return new(me.Weights, auxiliary);
    }

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var kept = me.Numbers(Kept);
        var own = new ReceivedUpdate(me.Index, 1, Compose(me, exchange));
        var all = received.Updates.Where(h => h.Node != me.Index && (kept is null || kept.Span[h.Node] > 0)).Append(own)
            .OrderBy(h => h.Node).ToList();
        var encoder = ExactSum.WeightedMean([.. all.Select(h => (h.Update.AuxiliaryVectors[SentEncoder], 1.0))]);
        var moved = all.Select(h => Vectors.Combine(h.Update.Weights, 1, me.InitialWeights(0), -1)).ToList();
        var weights = WeightsOf(me.Layout, encoder, moved, all.IndexOf(own));
        var mean = ReceivedUpdates.Of([.. all.Zip(weights,
            (h, w) => h with { Weight = w, Update = new Update(Taken(h)) }).Where(h => h.Weight > 0)]).Mean();
        me.Weights = options.Sharing == WholeWeights ? mean : Vectors.Combine(me.RoundStart, 1, mean, 1);
        if (me.Bench.Validation.Count > 0)
        {
            var slope = me.Bench.Gradient(me.Weights, me.Bench.Validation);
            var gradient = Gradient(me.Layout, encoder, moved, all.IndexOf(own),
                [.. all.Select(h => Vectors.Dot(Taken(h), slope))]);
            encoder = Stepped(encoder, gradient);
        }
        me.Remember(Encoder, encoder.Span.ToArray());
        if (options.KeptAfter > 0 && me.Round >= options.KeptAfter - 1 && kept is null) Prune(me, all, weights);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts) =>
        options.KeptAfter > 0 && options.Kept > facts.Nodes - 1
            ? [new ValidationError("kept", $"A node cannot keep {options.Kept} others where there are "
                + $"{facts.Nodes - 1}; {Remedy.AtMost("kept", facts.Nodes - 1, "keptAfter", "to 0")}.")]
            : [];

    /// <summary>How much a node takes of each: softmax of the inner products of their codes with its own.</summary>
    /// <param name="layout">Layout of the models.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="moved">What training moved the models by.</param>
    /// <param name="own">Which of them is the node's.</param>
    public static double[] WeightsOf(
        ParameterLayout layout, ParameterVector encoder, IReadOnlyList<ParameterVector> moved, int own)
    {
        var codes = moved.Select(new FilterEncoder(layout, encoder).Encode).ToList();
        return L2C.Softmax([.. codes.Select(c => c.Zip(codes[own], (a, b) => a * b).Sum())]);
    }

    /// <summary>The gradient in the encoder, from that in the weights.</summary>
    /// <param name="layout">Layout of the models.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="moved">What training moved the models by.</param>
    /// <param name="own">Which of them is the node's.</param>
    /// <param name="inWeights">The gradient in the weights.</param>
    public static double[] Gradient(ParameterLayout layout, ParameterVector encoder,
        IReadOnlyList<ParameterVector> moved, int own, double[] inWeights)
    {
        var (coder, gradient) = (new FilterEncoder(layout, encoder), new double[encoder.Length]);
        var codes = moved.Select(coder.Encode).ToList();
        var inScores = L2C.ThroughSoftmax(WeightsOf(layout, encoder, moved, own), inWeights);
        var inOwn = new double[codes[own].Length];
        for (var j = 0; j < codes.Count; j++)
        {
            for (var c = 0; c < inOwn.Length; c++) inOwn[c] += inScores[j] * codes[j][c];
            coder.Backward(moved[j], Array.ConvertAll(codes[own], c => inScores[j] * c), gradient);
        }
        coder.Backward(moved[own], inOwn, gradient);
        return gradient;
    }

    private ParameterVector Taken(ReceivedUpdate received) =>
        options.Sharing == WholeWeights ? received.Update.Weights : received.Update.AuxiliaryVectors[SentMove];

    private ParameterVector Stepped(ParameterVector encoder, double[] gradient) => gradient.All(double.IsFinite)
        ? ParameterVector.Own(
            [.. encoder.Span.ToArray().Zip(gradient, (v, g) => (float)(v - options.EncoderLearningRate * g))])
        : encoder;

    private void Prune(Learner me, List<ReceivedUpdate> all, double[] weights)
    {
        var kept = new float[me.Nodes];
        kept[me.Index] = 1;
        foreach (var (received, _) in all.Zip(weights).Where(p => p.First.Node != me.Index)
            .OrderByDescending(p => p.Second).Take(options.Kept))
            kept[received.Node] = 1;
        me.Remember(Kept, kept);
    }

    /// <summary>
    /// The encoder as the node has it; at first all have the same, which follows from the run's seed.
    /// </summary>
    private static ParameterVector EncoderOf(Learner me) => me.Numbers(Encoder) ?? FilterEncoder.Initial(me.Layout,
        new Seeds(BitConverter.SingleToInt32Bits(me.InitialWeights(1).Span[0])).Stream("meta-l2c/encoder"));
}
