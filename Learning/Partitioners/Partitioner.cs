using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Decides which samples each node holds.</summary>
public abstract class Partitioner
{
    /// <summary>Splits the data; test samples follow training priors.</summary>
    /// <remarks>
    /// No node holds a training sample twice, and, unless a partitioner says otherwise, no two nodes hold the same one.
    /// </remarks>
    /// <param name="request">Labels, number of nodes, seeds.</param>
    /// <exception cref="ExperimentException">More is asked than there is; says how much of each.</exception>
    public abstract Partition Split(PartitionRequest request);
}

/// <summary>What a partitioner splits.</summary>
/// <param name="TrainLabels">Labels of the training samples.</param>
/// <param name="TestLabels">Labels of the test samples.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Seeds">Randomness; every node computes the same split.</param>
/// <remarks>
/// Where samples are of no classes, all count as of one: a partitioner that works on classes refuses such a
/// task beforehand.
/// </remarks>
public sealed record PartitionRequest(int[] TrainLabels, int[] TestLabels, int Classes, int Nodes, Seeds Seeds)
{
    /// <summary>Names of those whose samples they are; empty if nobody knows.</summary>
    public IReadOnlyList<string> Users { get; init; } = [];

    /// <summary>For each training sample, the place of its user among <see cref="Users"/>; empty if nobody
    /// knows.</summary>
    public int[] TrainUsers { get; init; } = [];

    /// <summary>The same of the test samples.</summary>
    public int[] TestUsers { get; init; } = [];
}

/// <summary>The samples of each node.</summary>
/// <param name="Train">For each node, the indices of its training samples; disjoint between nodes, unless the
/// partitioner overlaps.</param>
/// <param name="Test">
/// For each node, the indices of test samples drawn by its training priors, distinct within a node but not between
/// nodes; empty if none were asked.
/// </param>
public sealed record Partition(IReadOnlyList<int[]> Train, IReadOnlyList<int[]> Test);
