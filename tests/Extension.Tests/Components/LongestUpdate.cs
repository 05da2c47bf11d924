using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Metrics;

namespace Orleans.FL.Extension.Tests.Components;

[Component("own-longest-update", Summary = "The largest L2 norm of a node's change in a round.")]
public sealed class LongestUpdate() : Metric("longest_update", MergeRule.Max)
{
    public override WeightedValue? AfterTraining(TrainedNode node) => new(node.ChangeNorm);
}
