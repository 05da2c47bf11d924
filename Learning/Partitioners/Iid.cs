using Orleans.FL.Learning.Components;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Each node gets a random sample of the whole data, and test samples by the whole data's classes.</summary>
/// <param name="options">How much each node gets.</param>
[Component("iid", Summary = "Each node gets a random sample of the whole data.",
    Source = "McMahan et al., Communication-efficient learning of deep networks from decentralized data, AISTATS 2017")]
public sealed class Iid(Iid.Options options) : SizedPartitioner(options)
{
    /// <summary>Options of <see cref="Iid"/>.</summary>
    public sealed record Options : PartitionOptions;

    /// <inheritdoc/>
    protected override int[][] Draw(PartitionRequest request, int[] sizes)
    {
        var order = request.Seeds.Stream("partition").Permutation(request.TrainLabels.Length);
        var train = new int[sizes.Length][];
        var start = 0;
        for (var node = 0; node < sizes.Length; node++)
        {
            train[node] = order[start..(start + sizes[node])];
            start += sizes[node];
        }
        return train;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<double[]> Priors(PartitionRequest request, int[][] train)
    {
        // What a node happened to draw is noise here; what it was drawn from is the same for all.
        var whole = Shares(request.TrainLabels, request.Classes);
        return [.. train.Select(indices => indices.Length == 0 ? new double[request.Classes] : whole)];
    }
}
