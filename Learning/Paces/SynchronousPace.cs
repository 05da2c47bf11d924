using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Paces;

/// <summary>A round is over when all nodes have done their part; only the wall clock counts.</summary>
[Component(Synchronous, Summary = "A round is over when all nodes have done their part; only the wall clock counts.")]
public sealed class SynchronousPace : Pace;
