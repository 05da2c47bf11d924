using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Metrics;

/// <summary>How many updates are longer than they may be.</summary>
[Component("clipped-share", Summary = "Share of the sent updates that clip-norm shortened, 0 to 1.")]
public sealed class ClippedShare() : Metric("clipped_share", MergeRule.Mean);
