using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms.Federated;

/// <summary>
/// Federated averaging by pushing: the server pushes the model, nodes push back what they trained, and test that.
/// </summary>
/// <remarks>
/// The original's <c>fedavgpush</c>. Where all wait for all, pushing and pulling give the server the same models: its
/// weights are those of fedavg, except the plain mean that the original has. What differs is what the other nodes test
/// and record: the model that they trained, not the mean that comes after it. The run's own test is that of the mean.
/// The original also averaged a node's model twice if it arrived twice; here each counts once.
/// </remarks>
/// <param name="options">Client fraction.</param>
[Component("fedavg-push",
    Summary = "Federated averaging by pushing: nodes test what they trained, the server the mean, "
        + "in which all nodes count alike, whatever their numbers of samples.",
    Aliases = ["fedavgpush"],
    Source = "McMahan et al., AISTATS 2017, arXiv:1602.05629, Algorithm 1, with the clients' tests before the mean")]
public sealed class FedAvgPush(FedAvgPush.Options options) : FederatedAlgorithm(options), ISpreadOneModel
{
    private const string Own = "fedavg-push.own";

    /// <summary>Options of <see cref="FedAvgPush"/>.</summary>
    public sealed record Options : FederatedOptions;

    /// <inheritdoc/>
    protected override Requirements Needs => new() { Server = true };

    /// <inheritdoc/>
    public override IReadOnlyList<ExchangeKind> Exchanges(Topologies.Topology topology) =>
        [ExchangeKind.Gather, ExchangeKind.Broadcast];

    /// <inheritdoc/>
    public override void OnTrained(Learner me, LocalResult result) => me.Memory[Own] = result.Weights;

    /// <inheritdoc/>
    public override ParameterVector Tested(Learner me) =>
        me.IsServer ? me.Weights : me.Memory.GetValueOrDefault(Own) ?? me.Weights;
}
