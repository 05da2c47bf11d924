using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Federated averaging with control variates that take the drift out of the nodes' local steps.</summary>
/// <remarks>
/// Karimireddy et al. 2020, Algorithm 1 with option II (equations 4 and 5): each local step descends g − cᵢ + c; after
/// K steps of length η from x to y, cᵢ⁺ = cᵢ − c + (x − y)/(K·η). The server moves by ηg times the mean of (y − x) and
/// c by |S|/N times the mean of (cᵢ⁺ − cᵢ), both means over the nodes S of N members that trained, all
/// alike. On a topology without a server each node mixes its neighbours' weights, and takes the same mix of their cᵢ
/// for c. Control variates cover the trainable parameters; in vectors of the model's length the rest is zero.
/// </remarks>
/// <param name="options">Client fraction and the server's learning rate.</param>
[Component("scaffold",
    Summary = "Federated averaging with control variates that take the drift out of the nodes' local steps.",
    Source = "Karimireddy et al., SCAFFOLD: Stochastic Controlled Averaging for Federated Learning, ICML 2020, "
        + "arXiv:1910.06378, Algorithm 1, option II")]
public sealed class Scaffold(Scaffold.Options options) : FederatedAlgorithm(options), IKeepServerState, ICheckSettings
{
    private const string Own = "scaffold.own";
    private const string Global = "scaffold.global";
    private const string Change = "scaffold.change";
    private const string Control = "control";

    /// <summary>Options of <see cref="Scaffold"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Learning rate of the server.</summary>
        [Option("Learning rate ηg of the server; used on topologies with a server.",
            Min = 0, Max = 100, AboveMin = true)]
        public double GlobalLearningRate { get; init; } = 1;
    }

    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.MemoryWithout(Change, Global);

    /// <inheritdoc/>
    public MemberMean? MeanOfMembers => new(Global, Own, IsSent: true);

    /// <inheritdoc/>
    public override string MessageSchema => "weights and control variates";

    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) =>
        new(layout.Length, [new AuxiliaryVector(Control, layout.Length)]);

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topology topology) =>
        topology.Server is null ? [ExchangeKind.Neighbours] : [ExchangeKind.Gather, ExchangeKind.Broadcast];

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        new(Shift: Vectors.Combine(me.Recall(Global), 1, me.Recall(Own), -1));

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result)
    {
        if (result.Steps == 0)
        {
            me.Memory[Change] = ParameterVector.Zeros(me.Weights.Length);
            return;
        }
        var rate = ((Sgd.Options)me.Settings.Optimizer.Options!).LearningRate;
        var own = me.Recall(Own);
        var drift = Vectors.Combine(me.RoundStart, 1 / (result.Steps * rate), me.Weights, -1 / (result.Steps * rate));
        var change = Vectors.Trainable(Vectors.Combine(drift, 1, me.Recall(Global), -1), me.Layout);
        me.Memory[Own] = Vectors.Combine(own, 1, change, 1);
        me.Memory[Change] = change;
    }

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) =>
        new(me.Weights, new Dictionary<string, ParameterVector>
        {
            [Control] = exchange.Kind switch
            {
                ExchangeKind.Gather => me.Recall(Change),
                ExchangeKind.Broadcast => me.Recall(Global),
                _ => me.Recall(Own),
            },
        });

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var weights = received.Mean();
        var control = received.Mean(Control);
        if (exchange.Kind != ExchangeKind.Gather)
        {
            me.Weights = weights;
            me.Memory[Global] = control;
            return;
        }
        var rate = options.GlobalLearningRate;
        // ηg lengthens the step of the trainable weights; buffers such as BatchNorm's variances are means and stay so.
        var step = Vectors.Trainable(Vectors.Combine(weights, 1, me.RoundStart, -1), me.Layout);
        me.Weights = rate == 1 ? weights : Vectors.Combine(weights, 1, step, rate - 1);
        me.Memory[Global] = Vectors.Combine(me.Recall(Global), 1, control, (double)received.Count / me.Members);
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (!facts.Trainings.All(t => t is { Optimizer: "sgd", Momentum: 0 }))
            yield return new ValidationError("", "Scaffold's control variates are defined for plain SGD; "
                + "set training.optimizer to sgd with momentum 0.");
    }
}
