using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node has samples of its own set of classes only.</summary>
/// <remarks>
/// Without explicit labels, groups of nodes share a window of classes that slides by one: with C classes, max(N / C, 1)
/// consecutive nodes hold the classes w … w + k - 1 (mod C). A node takes the same number of each of its classes where
/// the stock allows it, and makes up for a scarce one with its others. If all samples are shared, each class is shared
/// equally by the nodes that hold it, so that sizes follow from the sets.
/// </remarks>
/// <param name="options">Classes of a node, and how much it gets.</param>
[Component("label-sets", Summary = "Each node has samples of its own set of classes only.", Aliases = ["support"])]
public sealed class LabelSets(LabelSets.Options options) : SizedPartitioner(options), IUseClasses
{
    /// <summary>Options of <see cref="LabelSets"/>.</summary>
    public sealed record Options : PartitionOptions
    {
        /// <summary>Classes of a node, in a window that slides over the classes.</summary>
        [Option("Classes of a node, in a window that slides over the classes; not used when labels is set.",
            Min = 1, Max = 256)]
        public int LabelsPerNode { get; init; } = 2;

        /// <summary>The classes of each node in rank order; empty if <see cref="LabelsPerNode"/> counts.</summary>
        [Option("The classes of each node, one list a node in rank order; overrides labelsPerNode.")]
        public EquatableList<EquatableList<int>> Labels { get; init; } = [];
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take the partitioner iid, or bootstrap";

    /// <inheritdoc/>
    public override IEnumerable<ValidationError> Check(ExperimentFacts facts) =>
        base.Check(facts).Concat(LabelErrors(facts.Shards));

    /// <inheritdoc/>
    protected override int[][] Draw(PartitionRequest request, int[] sizes)
    {
        var pools = new ClassPools(request.TrainLabels, request.Classes, request.Seeds.Stream("partition"));
        var sets = Sets(request.Nodes, request.Classes);
        var counts = options.SharesAll ? ShareAll(sets, pools) : ShareSized(sets, sizes, pools);
        return [.. sets.Zip(counts, (set, taken) => Take(set, taken, pools))];
    }

    private static int[] Take(int[] set, int[] counts, ClassPools pools) =>
        [.. set.Zip(counts).SelectMany(c => Enumerable.Range(0, c.Second).Select(_ => pools.Take(c.First)))];

    /// <summary>How many of each class of its set a node takes, if a class is shared by all who hold it.</summary>
    private int[][] ShareAll(int[][] sets, ClassPools pools)
    {
        var holders = new int[pools.Classes];
        foreach (var label in sets.SelectMany(set => set)) holders[label]++;
        var served = new int[pools.Classes];
        int Share(int label) =>
            pools.Stock(label) / holders[label] + (served[label]++ < pools.Stock(label) % holders[label] ? 1 : 0);
        int[][] counts = [.. sets.Select(set => set.Select(Share).ToArray())];
        var poor = Array.FindIndex(counts, count => count.Sum() == 0);
        return poor < 0 ? counts : throw Refusal(
            $"no sample of its classes ({string.Join(", ", sets[poor])}) is left for node {poor}; " +
            "use fewer nodes or other label sets.");
    }

    /// <summary>How many of each class of its set a node takes, if sizes are given.</summary>
    private int[][] ShareSized(int[][] sets, int[] sizes, ClassPools pools)
    {
        int[] stock = [.. Enumerable.Range(0, pools.Classes).Select(pools.Stock)];
        if (LabelFlow.Solve(sets, sizes, stock) is { } counts) return counts;
        var remedy = options.Sizes.Count > 0
            ? "make the sizes smaller"
            : $"samplesPerNode can be {LargestSize(sets, stock)} at most";
        throw Refusal(
            $"{sets.Length} nodes ask for {sizes.Sum()} training samples of their own classes, " +
            $"but there are {string.Join(", ", stock.Select((n, label) => $"{n} of class {label}"))}; {remedy}.");
    }

    private int LargestSize(int[][] sets, int[] stock)
    {
        var (fits, tooMuch) = (0, options.SamplesPerNode);
        while (tooMuch - fits > 1)
        {
            var middle = fits + (tooMuch - fits) / 2;
            if (LabelFlow.Solve(sets, [.. sets.Select(_ => middle)], stock) is null) tooMuch = middle;
            else fits = middle;
        }
        return fits;
    }

    private int[][] Sets(int nodes, int classes)
    {
        if (options.Labels.Count > 0) return ExplicitSets(nodes, classes);
        if (options.LabelsPerNode > classes)
            throw Refusal($"labelsPerNode is {options.LabelsPerNode}, but the dataset has {classes} classes.");
        var group = Math.Max(nodes / classes, 1);
        return [.. Enumerable.Range(0, nodes).Select(node =>
            Enumerable.Range(node / group, options.LabelsPerNode).Select(label => label % classes).ToArray())];
    }

    private int[][] ExplicitSets(int nodes, int classes)
    {
        if (LabelErrors(nodes).FirstOrDefault() is { } error) throw Refusal(error.Message);
        foreach (var (node, set) in options.Labels.Index())
            foreach (var label in set.Where(label => label < 0 || label >= classes))
                throw Refusal($"node {node} asks for class {label}, but the dataset's classes are 0 to {classes - 1}.");
        return [.. options.Labels.Select(set => set.ToArray())];
    }

    private IEnumerable<ValidationError> LabelErrors(int nodes)
    {
        if (WrongCount("labels", "lists", options.Labels.Count, nodes) is { } error) yield return error;
        foreach (var (node, set) in options.Labels.Index())
        {
            var list = $"The label list of node {node}";
            if (set.Count == 0) yield return new ValidationError($"labels[{node}]", $"{list} is empty; name a class.");
            if (set.Distinct().Count() < set.Count)
                yield return new ValidationError($"labels[{node}]", $"{list} names a class twice; name it once.");
        }
    }
}
