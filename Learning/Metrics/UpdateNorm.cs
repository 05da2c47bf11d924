using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Metrics;

/// <summary>How far training moves the nodes' weights.</summary>
[Component("update-norm",
    Summary = "L2 norm of the change of the trainable weights in a node's training; mean by training samples.")]
public sealed class UpdateNorm() : Metric("update_norm", MergeRule.Mean)
{
    /// <inheritdoc/>
    public override WeightedValue? AfterTraining(TrainedNode node) => new(node.ChangeNorm, node.Samples);
}
