using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Metrics;

/// <summary>How the worst-off node trains: a mean over nodes hides it.</summary>
[Component("worst-train-loss", Summary = "Training loss of the node where it is the greatest.")]
public sealed class WorstTrainLoss() : Metric("worst_train_loss", MergeRule.Max)
{
    /// <inheritdoc/>
    public override WeightedValue? AfterTraining(TrainedNode node) => node.Steps > 0 ? new(node.Loss) : null;
}
