using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Split;

/// <summary>
/// Split learning: a node holds the first layers, the server the rest; nodes take turns, and activations and gradients
/// cross batch by batch.
/// </summary>
/// <remarks>
/// Gupta, Raskar 2018, Algorithms 1 (one node) and 2 (several nodes, round-robin, the part below handed from node to
/// node); the U-shaped form, where the last layers and the labels stay at the node, as in Vepakomma et al. 2018. <b>A
/// round is one turn of one node</b>: node <c>r mod (N−1)</c> of those that are not the server trains in round r,
/// tests its model if the round is tested, and hands its part on to the next. The server holds no data. With the same
/// optimiser on both sides a turn moves both parts to the bits to which the whole model would be trained on the node's
/// samples. What a node holds of its vector of weights is its part; the rest is zeros, except nodes that had no turn
/// yet, which hold the run's initial weights. A layer is what the first part of its weights' names says, with what has
/// no weights up to the next: a residual network is cut between its stages only. Gradients cross as the engine scales
/// them, which computes on the processor; moments begin anew with each turn.
/// </remarks>
/// <param name="options">Shape, and where to cut.</param>
[Component("split-learning", Summary = "Split learning: a node holds the first layers, the server the rest; nodes take "
    + "turns, one a round, and activations and gradients cross batch by batch.", Aliases = ["split", "splitnn", "slrr"],
    Source = "Gupta, Raskar, Distributed learning of deep neural network over multiple agents, JNCA 2018, "
        + "arXiv:1810.06060, Algorithms 1 and 2; Vepakomma et al., Split learning for health, 2018, arXiv:1812.00564")]
public sealed class SplitLearning(SplitLearning.Options options)
    : Algorithm, ISplitAlgorithm, ICheckSettings, IChooseLanes
{
    private const string Plain = "plain", UShaped = "u-shaped";
    private const int HandOn = 1;

    /// <summary>Options of <see cref="SplitLearning"/>.</summary>
    public sealed record Options
    {
        /// <summary>Who sees the labels.</summary>
        [Option("plain = the server holds all layers behind the cut and receives the labels; "
            + "u-shaped = the node holds the last layers, too, and keeps the labels to itself.",
            Values = [Plain, UShaped])]
        public string Shape { get; init; } = Plain;

        /// <summary>Layers at the node, counted from the pixels.</summary>
        [Option("Layers at the node, counted from the pixels as the model's weights are named (fc1, fc2, … of mlp; "
            + "conv1, conv2, fc1, fc2 of cnn; conv1, bn1, layer1, … of a resnet), each with the ReLU and pooling "
            + "behind it; at least one must be left for the server.", Min = 1, Max = 1000)]
        public int Cut { get; init; } = 1;

        /// <summary>Layers at the node, counted from the scores.</summary>
        [Option("Layers at the node, counted from the scores, where the shape is u-shaped; not used where it is plain.",
            Min = 1, Max = 1000)]
        public int Head { get; init; } = 1;
    }

    private int Head => options.Shape == UShaped ? options.Head : 0;

    /// <inheritdoc/>
    public override string MessageSchema => $"the first {options.Cut} and the last {Head} layers";

    /// <inheritdoc/>
    public override Requirements Requires =>
        new() { Server = true, ServerWithoutData = true, Paces = [Pace.Synchronous] };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        [ExchangeKind.SplitSession, ExchangeKind.SampledPeers];

    /// <inheritdoc/>
    public bool WorksOnLane(Exchange exchange) => false;

    /// <inheritdoc/>
    public MixingRows SamplePeers(PeerSamplingContext context)
    {
        var rows = new MixingRows();
        int[] nodes = [.. context.Ranks.Where(n => n != context.Server)];
        var (now, next) = (nodes[context.Round % nodes.Length], nodes[(context.Round + 1) % nodes.Length]);
        if (context.Exchange != HandOn)
        {
            rows.Add(context.Server, now);
            rows.Add(now, context.Server);
        }
        else if (next != now) rows.Add(next, now);
        return rows;
    }

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(AtNode(layout).Length, []);

    /// <inheritdoc/>
    public override UpdateContent Content(Exchange exchange) => UpdateContent.Other;

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(AtNode(me.Layout).Take(me.Weights));

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received) =>
        me.Weights = AtNode(me.Layout).Put(received.Mean(), ParameterVector.Zeros(me.Layout.Length));

    /// <inheritdoc/>
    public SplitParty JoinSession(Learner me, Exchange exchange, int other, ILearnerContext run) => me.IsServer
        ? new SplitServer(new SplitModel(run, options.Cut, Head), me, other)
        : new SplitNode(new SplitModel(run, options.Cut, Head), me);

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (facts.Nodes < 2)
            yield return new ValidationError("$.nodes",
                "Split learning is between a server, which holds no data, and nodes; set nodes to 2 or more.");
        if (facts.Layers is not { } layers)
            yield return new ValidationError("$.model",
                $"The model {facts.Model} does not say between which layers it may be cut; set model to mlp or cnn.");
        else if (options.Cut + Head >= layers.Count)
            yield return new ValidationError(Head == 0 ? "cut" : "", TooFew(facts.Model, layers));
        if (facts.Training.Engine == EngineChoice.Batched)
            yield return new ValidationError("$.training.engine", "Split learning computes on the dense engine or on "
                + "libtorch, a node at a time; set training.engine to auto, dense or torch.");
        if (!facts.Training.IsPlain)
            yield return new ValidationError("$.training", "Split learning computes and sends activations in float32, "
                + "in the order of the layers; leave precision and memoryFormat out.");
        if (facts.Training is { KeepMoments: true, Moments: > 0 })
            yield return new ValidationError("$.training.keepMoments", "A turn's moments begin anew, "
                + "for the node's part goes on to another node; set training.keepMoments to false.");
        if (facts.HasNodeOverrides)
            yield return new ValidationError("$.nodeOverrides",
                "Both sides of the cut must take the same steps; leave nodeOverrides out.");
        if (facts.MembersChange || facts.InitialMembers != facts.Nodes)
            yield return new ValidationError("$.membership", "The nodes hand parts of one model on in turn, "
                + "and a new one would have none; leave membership and seating.members out.");
        if (facts.Quorum < 1)
            yield return new ValidationError("$.seating.quorum", "No turn can be left out, for the part of the model "
                + "that is handed on would be lost; set seating.quorum to 1.");
    }

    private LayoutPart AtNode(ParameterLayout layout) => SplitModel.AtNode(layout, options.Cut, Head);

    private string TooFew(string model, IReadOnlyList<string> layers)
    {
        var most = layers.Count - 1 > Math.Sign(Head) ? $"let it hold {layers.Count - 1} at most, or " : "";
        return $"The model {model} has {layers.Count} {(layers.Count == 1 ? "layer" : "layers")} "
            + $"({string.Join(", ", layers)}) and the node is to hold {options.Cut + Head}, which leaves the server "
            + $"none; {most}take a model of more layers, as {{\"name\":\"mlp\",\"hidden\":[64,64]}} or cnn.";
    }
}
