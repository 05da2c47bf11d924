using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node gets a few runs of the data sorted by label, and so only a few classes.</summary>
/// <remarks>
/// McMahan et al., AISTATS 2017, section 3: sort by label, cut into shards, deal two to each client. Shards are of
/// equal size where the nodes' sizes are; a size that a node's shards do not divide makes the first of them one longer.
/// If less is asked than there is, a random sample of the data is sorted and cut.
/// </remarks>
/// <param name="options">Shards of a node, and how much it gets.</param>
[Component("shards", Summary = "Each node gets a few runs of the data sorted by label, and so only a few classes.",
    Source = "McMahan et al., Communication-efficient learning of deep networks from decentralized data, AISTATS 2017")]
public sealed class Shards(Shards.Options options) : SizedPartitioner(options), IUseClasses
{
    /// <summary>Options of <see cref="Shards"/>.</summary>
    public sealed record Options : PartitionOptions
    {
        /// <summary>Shards that a node is dealt.</summary>
        [Option("Shards that a node is dealt.", Min = 1, Max = 100_000)]
        public int ShardsPerNode { get; init; } = 2;
    }

    /// <inheritdoc/>
    public string? WithoutClasses => "take the partitioner iid, or bootstrap";

    /// <inheritdoc/>
    protected override int[][] Draw(PartitionRequest request, int[] sizes)
    {
        var stream = request.Seeds.Stream("partition");
        var sorted = stream.Permutation(request.TrainLabels.Length)[..sizes.Sum()];
        // Within a class the random order stays: OrderBy is stable.
        sorted = [.. sorted.OrderBy(i => request.TrainLabels[i])];
        var hands = sizes.SelectMany((size, node) => Hands(node, size)).ToArray();
        stream.Shuffle<(int, int)>(hands);
        var train = sizes.Select(size => new List<int>(size)).ToArray();
        var start = 0;
        foreach (var (node, length) in hands)
        {
            train[node].AddRange(sorted.AsSpan(start, length));
            start += length;
        }
        return [.. train.Select(indices => indices.ToArray())];
    }

    /// <summary>The shards of one node; no more than it has samples.</summary>
    private IEnumerable<(int Node, int Length)> Hands(int node, int size)
    {
        var shards = Math.Min(options.ShardsPerNode, size);
        return Enumerable.Range(0, shards).Select(s => (node, size / shards + (s < size % shards ? 1 : 0)));
    }
}
