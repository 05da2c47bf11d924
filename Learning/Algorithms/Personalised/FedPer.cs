using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Federated averaging of all but the model's last layers, which stay each node's own.</summary>
/// <remarks>
/// Arivazhagan et al. 2019, Algorithms 1 and 2: base layers are averaged by numbers of samples, personalisation layers
/// are trained with them.
/// </remarks>
/// <param name="options">Client fraction and how much stays.</param>
[Component("fedper", Summary = "Federated averaging of all but the model's last layers, which stay each node's own.",
    Source = "Arivazhagan et al., Federated Learning with Personalization Layers, 2019, arXiv:1912.00818")]
public sealed class FedPer(FedPer.Options options) : PartialAveraging(options)
{
    /// <summary>Options of <see cref="FedPer"/>.</summary>
    public sealed record Options : OwnLayersOptions;

    /// <inheritdoc/>
    public override string MessageSchema => $"all but the last {options.OwnLayers} layers";

    /// <inheritdoc/>
    protected override LayoutPart SentPart(ParameterLayout layout) =>
        LayoutPart.LastLayers(layout, options.OwnLayers).Rest;
}
