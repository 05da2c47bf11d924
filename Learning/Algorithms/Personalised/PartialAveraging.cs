using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>Federated averaging of a part of the model: the rest never leaves its node.</summary>
/// <param name="options">Client fraction.</param>
public abstract class PartialAveraging(FederatedOptions options) : FederatedAlgorithm(options), IAdoptPart
{
    /// <inheritdoc/>
    public override UpdateShape Shape(ParameterLayout layout, Exchange exchange) => new(SentPart(layout).Length, []);

    /// <inheritdoc/>
    public override Update Compose(Learner me, Exchange exchange) => new(SentPart(me.Layout).Take(me.Weights));

    /// <inheritdoc/>
    public override void Combine(Learner me, Exchange exchange, ReceivedUpdates received) =>
        me.Weights = SentPart(me.Layout).Put(received.Mean(), me.Weights);

    /// <inheritdoc/>
    public ParameterVector Adopted(Learner me, ParameterVector weights) =>
        SentPart(me.Layout).Put(SentPart(me.Layout).Take(weights), me.Weights);

    /// <summary>What nodes send each other of their weights.</summary>
    /// <param name="layout">The model's layout.</param>
    protected abstract LayoutPart SentPart(ParameterLayout layout);
}

/// <summary>Options of algorithms whose nodes keep the last layers for themselves.</summary>
public abstract record OwnLayersOptions : FederatedOptions
{
    /// <summary>Number of last layers that stay the node's own.</summary>
    [Option("Layers, counted from the output, that stay the node's own; "
        + "a layer is what the first part of the tensors' names says.", Min = 1, Max = 1000)]
    public int OwnLayers { get; init; } = 1;
}
