using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Metrics;

/// <summary>How much of their own models personalised nodes mix into the shared one.</summary>
[Component("own-model-share",
    Summary = "Share α of the own model in a node's mix, emitted by apfl; mean by training samples.")]
public sealed class OwnModelShare() : Metric("own_model_share", MergeRule.Mean);
