using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Options that every partitioner of <see cref="SizedPartitioner"/> has: how much each node gets.</summary>
public abstract record PartitionOptions
{
    /// <summary>Training samples of each node; 0 means that all samples are shared equally.</summary>
    [Option("Training samples of each node; 0 = all samples are shared equally.", Min = 0, Max = 100_000_000)]
    public int SamplesPerNode { get; init; }

    /// <summary>Training samples of each node in rank order; empty if <see cref="SamplesPerNode"/> counts.</summary>
    [Option("Training samples of each node, one number a node in rank order; overrides samplesPerNode.",
        Min = 0, Max = 100_000_000)]
    public EquatableList<int> Sizes { get; init; } = [];

    /// <summary>Test samples of each node's own, drawn by its training priors; 0 means none.</summary>
    [Option("Test samples of each node's own, of the classes it trains on; 0 = none.", Min = 0, Max = 100_000_000)]
    public int TestSamplesPerNode { get; init; }

    /// <summary>Whether nothing is said about sizes, so that all samples are shared.</summary>
    internal bool SharesAll => SamplesPerNode == 0 && Sizes.Count == 0;
}
