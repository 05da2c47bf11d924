using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Algorithms.Personalised;

/// <summary>
/// Nodes share a representation: each trains its own last layers on it, then the representation under them, which
/// is averaged.
/// </summary>
/// <remarks>
/// Collins et al. 2021, Algorithm 1: first the head alone, for <c>headEpochs</c> passes, the body as it came; then the
/// body alone, as <c>training</c> says, the head as it now is. Both trainings have the node's optimiser, and a tensor
/// that is not trained keeps its moments; statistics of BatchNorm belong to the body.
/// </remarks>
/// <param name="options">Client fraction, how much stays, passes over the head.</param>
[Component("fedrep", Summary = "Each node trains its own last layers on a shared representation, "
    + "then the representation, which is averaged by numbers of samples.",
    Source = "Collins et al., Exploiting Shared Representations for Personalized Federated Learning, ICML 2021, "
        + "arXiv:2102.07078, Algorithm 1")]
public sealed class FedRep(FedRep.Options options) : PartialAveraging(options)
{
    private const string BodyOrder = "fedrep/body";

    /// <summary>Options of <see cref="FedRep"/>.</summary>
    public sealed record Options : OwnLayersOptions
    {
        /// <summary>Passes over the samples for the head.</summary>
        [Option("Passes over the node's samples in which its own layers are trained; "
            + "training.epochs or training.steps counts for the rest.", Min = 0, Max = 100_000)]
        public int HeadEpochs { get; init; } = 10;
    }

    /// <inheritdoc/>
    public override string MessageSchema => $"all but the last {options.OwnLayers} layers";

    /// <inheritdoc/>
    public override LocalResult Train(Learner me)
    {
        var head = LayoutPart.LastLayers(me.Layout, options.OwnLayers);
        var body = new TrainingTask(me.Weights)
        {
            Objective = new() { Mask = head.Rest.Mask },
            Optimizer = me.Optimizer,
            Order = BodyOrder
        };
        if (options.HeadEpochs == 0) return me.Bench.Train(body);
        var first = me.Bench.Train(new TrainingTask(me.Weights)
        {
            Objective = new() { Mask = head.Mask },
            Optimizer = me.Optimizer,
            Settings = me.Settings with { Epochs = options.HeadEpochs, Steps = 0 },
        });
        return first.Then(me.Bench.Train(body with { Start = first.Weights, Optimizer = first.Optimizer }));
    }

    /// <inheritdoc/>
    protected override LayoutPart SentPart(ParameterLayout layout) =>
        LayoutPart.LastLayers(layout, options.OwnLayers).Rest;
}
