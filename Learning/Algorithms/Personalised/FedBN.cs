using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Federated averaging of all but the BatchNorm layers, which stay each node's own.</summary>
/// <remarks>
/// Li et al. 2021, Algorithm 1. Factors, offsets and running statistics of BatchNorm are sent to nobody. On a model
/// without such layers it is fedavg. A node that joins later begins with those of the node whose weights it begins
/// with.
/// </remarks>
/// <param name="options">Client fraction.</param>
[Component("fedbn", Summary = "Federated averaging of all but the BatchNorm layers, which stay each node's own.",
    Source = "Li et al., FedBN: Federated Learning on Non-IID Features via Local Batch Normalization, ICLR 2021, "
        + "arXiv:2102.07623, Algorithm 1")]
public sealed class FedBN(FedBN.Options options) : PartialAveraging(options)
{
    /// <summary>Options of <see cref="FedBN"/>.</summary>
    public sealed record Options : FederatedOptions;

    /// <inheritdoc/>
    public override string MessageSchema => "all but BatchNorm";

    /// <inheritdoc/>
    protected override LayoutPart SentPart(ParameterLayout layout) => LayoutPart.BatchNorm(layout).Rest;
}
