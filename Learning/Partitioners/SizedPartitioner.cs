using System.Reflection;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>A partitioner whose options say how many samples each node gets.</summary>
/// <remarks>
/// Here sizes are checked against the data, and test samples drawn; what is left to a derived class is which training
/// samples a node gets. The split depends on the experiment's seed, its data and its options only.
/// </remarks>
/// <param name="options">How much each node gets.</param>
public abstract class SizedPartitioner(PartitionOptions options) : Partitioner, ICheckSettings
{
    /// <summary>Name in experiment files, for error messages.</summary>
    protected string Name => GetType().GetCustomAttribute<ComponentAttribute>()?.Name ?? GetType().Name;

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (WrongCount("sizes", "numbers", options.Sizes.Count, facts.Shards) is { } error) yield return error;
    }

    /// <inheritdoc/>
    public sealed override Partition Split(PartitionRequest request)
    {
        var train = Draw(request, Sizes(request));
        var test = options.TestSamplesPerNode == 0
            ? [.. train.Select(_ => Array.Empty<int>())]
            : TestSplit.Draw(Name, request, Priors(request, train), options.TestSamplesPerNode);
        return new Partition(train, test);
    }

    /// <summary>Draws the training samples of each node.</summary>
    /// <param name="request">What is split.</param>
    /// <param name="sizes">Number of samples of each node; together no more than there are.</param>
    /// <returns>Indices of each node's samples; disjoint.</returns>
    protected abstract int[][] Draw(PartitionRequest request, int[] sizes);

    /// <summary>The class shares by which a node's test samples are drawn: as it trains, if not overridden.</summary>
    /// <param name="request">What is split.</param>
    /// <param name="train">Indices of each node's training samples.</param>
    protected virtual IReadOnlyList<double[]> Priors(PartitionRequest request, int[][] train) =>
        [.. train.Select(indices => Shares(indices.Select(i => request.TrainLabels[i]), request.Classes))];

    /// <summary>The share of each class among some labels; zeros if there is none.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="classes">Number of classes.</param>
    protected static double[] Shares(IEnumerable<int> labels, int classes)
    {
        var counts = new double[classes];
        foreach (var label in labels) counts[label]++;
        var total = Math.Max(1, counts.Sum());
        return [.. counts.Select(count => count / total)];
    }

    /// <summary>The error of a list that has not one item for each node; null if it has, or is empty.</summary>
    /// <param name="option">Key of the list.</param>
    /// <param name="items">What its items are, in the plural.</param>
    /// <param name="count">Number of its items.</param>
    /// <param name="nodes">Number of nodes.</param>
    protected static ValidationError? WrongCount(string option, string items, int count, int nodes) =>
        count == 0 || count == nodes
            ? null
            : new ValidationError(option, $"{option} has {count} {items} for {nodes} nodes; give one for each node.");

    /// <summary>An exception that begins with the partitioner's name.</summary>
    /// <param name="reason">What was asked, what there is, what would do.</param>
    protected ExperimentException Refusal(string reason) => new($"Partitioner '{Name}': {reason}");

    private int[] Sizes(PartitionRequest request)
    {
        var (nodes, there) = (request.Nodes, request.TrainLabels.Length);
        if (options.Sizes.Count > 0) return ExplicitSizes(nodes, there);
        if (options.SharesAll)
        {
            if (nodes > there)
                throw Refusal($"{nodes} nodes cannot share {there} training samples; at most {there} nodes get one.");
            return [.. Enumerable.Range(0, nodes).Select(node => there / nodes + (node < there % nodes ? 1 : 0))];
        }
        var asked = (long)nodes * options.SamplesPerNode;
        if (asked > there)
            throw Refusal($"{nodes} nodes with {options.SamplesPerNode} training samples each ask for {asked}, " +
                $"but there are {there}; samplesPerNode can be {there / nodes} at most.");
        return [.. Enumerable.Repeat(options.SamplesPerNode, nodes)];
    }

    private int[] ExplicitSizes(int nodes, int there)
    {
        if (WrongCount("sizes", "numbers", options.Sizes.Count, nodes) is { } error) throw Refusal(error.Message);
        var asked = options.Sizes.Sum(size => (long)size);
        if (asked > there) throw Refusal($"sizes add up to {asked} training samples, but there are {there}.");
        return [.. options.Sizes];
    }
}
