using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node draws its own random sample of the whole data, whatever the others draw.</summary>
/// <remarks>
/// For more samples in all than there are: a sample may be held by several nodes, but by none twice (so it is no
/// bootstrap with replacement within a node). What a node holds follows from the seed, its rank and the options alone,
/// so that further nodes change nothing for those that are there.
/// </remarks>
/// <param name="options">How much each node draws.</param>
[Component("bootstrap", Summary = "Each node draws its own random sample of the whole data, whatever the others draw; "
    + "nodes may share samples.")]
public sealed class Bootstrap(Bootstrap.Options options) : Partitioner, ICheckSettings
{
    /// <summary>Options of <see cref="Bootstrap"/>.</summary>
    public sealed record Options
    {
        /// <summary>Fewest training samples of a node.</summary>
        [Option("Fewest training samples of a node; its number is drawn evenly between both.",
            Min = 0, Max = 100_000_000)]
        public int MinSamples { get; init; } = 60;

        /// <summary>Most training samples of a node.</summary>
        [Option("Most training samples of a node.", Min = 0, Max = 100_000_000)]
        public int MaxSamples { get; init; } = 600;
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationError> Check(ExperimentFacts facts)
    {
        if (options.MinSamples > options.MaxSamples)
            yield return new ValidationError("minSamples", $"minSamples is {options.MinSamples} and maxSamples "
                + $"{options.MaxSamples}; make the first the smaller one.");
    }

    /// <inheritdoc/>
    public override Partition Split(PartitionRequest request)
    {
        var there = request.TrainLabels.Length;
        if (options.MaxSamples > there)
            throw new ExperimentException($"Partitioner 'bootstrap': a node may draw up to {options.MaxSamples} "
                + $"training samples, but there are {there}; maxSamples can be that at most.");
        int[] order = [.. Enumerable.Range(0, there)];
        var train = new int[request.Nodes][];
        for (var node = 0; node < train.Length; node++)
            train[node] = Draw(order, request.Seeds.Stream("bootstrap", node));
        return new Partition(train, [.. train.Select(_ => Array.Empty<int>())]);
    }

    /// <summary>
    /// The first steps of a Fisher–Yates shuffle, taken back afterwards: as long as what is drawn, not as
    /// what there is.
    /// </summary>
    private int[] Draw(int[] order, RandomStream stream)
    {
        var count = options.MinSamples + stream.NextInt(options.MaxSamples - options.MinSamples + 1);
        var swaps = new int[count];
        for (var i = 0; i < count; i++)
        {
            swaps[i] = i + stream.NextInt(order.Length - i);
            (order[i], order[swaps[i]]) = (order[swaps[i]], order[i]);
        }
        var drawn = order[..count];
        for (var i = count - 1; i >= 0; i--) (order[i], order[swaps[i]]) = (order[swaps[i]], order[i]);
        return drawn;
    }
}
