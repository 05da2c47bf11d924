using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>Dynamic regularisation: each node's loss is bent so that its minimum is the minimum of all.</summary>
/// <remarks>
/// Acar et al. 2021, Algorithm 1. A node descends g − gᵢ + α(w − x) from the round's start x, and then
/// gᵢ ← gᵢ − α(wᵢ − x). At the server, over the nodes P that trained of m members: h ← h − (α/m)·Σ_P (wᵢ − x), and x
/// becomes the mean over P less h/α. A fixed number of local steps stands for the exact minimum. Memory holds gᵢ and h
/// for the trainable weights; buffers are averaged.
/// </remarks>
/// <param name="options">Client fraction and α.</param>
[Component("feddyn", Summary = "Each node's loss is bent so that its minimum is the minimum of all.",
    Source = "Acar et al., Federated Learning Based on Dynamic Regularization, ICLR 2021, arXiv:2111.04263, "
        + "Algorithm 1")]
public sealed class FedDyn(FedDyn.Options options) : FederatedAlgorithm(options), IKeepServerState
{
    private const string Own = "feddyn.own";
    private const string Server = "feddyn.server";

    /// <summary>Options of <see cref="FedDyn"/>.</summary>
    public sealed record Options : FederatedOptions
    {
        /// <summary>Strength of the regularisation.</summary>
        [Option("Strength α of the regularisation; the paper has 0.001 to 0.1.", Min = 0, Max = 1000, AboveMin = true)]
        public double Alpha { get; init; } = 0.1;
    }

    /// <inheritdoc/>
    public override PersistentState PersistentState => PersistentState.Memory;

    /// <inheritdoc/>
    public IReadOnlyList<string> ServerMemory => [Server];

    /// <inheritdoc/>
    public MemberMean? MeanOfMembers => new(Server, Own, IsSent: false);

    /// <inheritdoc/>
    protected override Requirements Needs => new() { Server = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topologies.Topology topology) =>
        [ExchangeKind.Gather, ExchangeKind.Broadcast];

    /// <inheritdoc/>
    public override LocalObjective Objective(Learner me) =>
        new((float)options.Alpha, me.RoundStart, Vectors.Scale(me.Recall(Own), -1));

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result) =>
        me.Memory[Own] = Vectors.Combine(me.Recall(Own), 1, Change(me, me.Weights), -options.Alpha);

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received)
    {
        var mean = received.Mean();
        if (exchange.Kind == ExchangeKind.Broadcast)
        {
            me.Weights = mean;
            return;
        }
        var state = Vectors.Combine(
            me.Recall(Server), 1, Change(me, mean), -options.Alpha * received.Count / me.Members);
        me.Memory[Server] = state;
        me.Weights = Vectors.Combine(mean, 1, state, -1 / options.Alpha);
    }

    private static ParameterVector Change(Learner me, ParameterVector weights) =>
        Vectors.Trainable(Vectors.Combine(weights, 1, me.RoundStart, -1), me.Layout);
}
