using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>Draws test samples of each node's own.</summary>
internal static class TestSplit
{
    /// <summary>Draws test samples by class priors, rounded; two nodes may draw the same sample.</summary>
    /// <param name="partitioner">Name of the partitioner, for error messages.</param>
    /// <param name="request">What is split.</param>
    /// <param name="priors">Class shares of each node; zeros for a node that trains on nothing.</param>
    /// <param name="count">Samples of each node.</param>
    public static int[][] Draw(string partitioner, PartitionRequest request, IReadOnlyList<double[]> priors, int count)
    {
        var stream = request.Seeds.Stream("partition-test");
        var pools = new ClassPools(request.TestLabels, request.Classes, stream);
        var test = new int[priors.Count][];
        for (var node = 0; node < test.Length; node++)
        {
            var own = priors[node];
            if (own.All(share => share == 0))
            {
                test[node] = [];
                continue;
            }
            var parts = Apportionment.Cut(count, own, pools.Stock)
                ?? throw Excess(partitioner, node, own, pools, count);
            test[node] = Sample(pools, parts, stream);
        }
        return test;
    }

    private static int[] Sample(ClassPools pools, int[] parts, RandomStream stream)
    {
        var indices = new List<int>(parts.Sum());
        for (var label = 0; label < parts.Length; label++) indices.AddRange(pools.Sample(label, parts[label], stream));
        return [.. indices];
    }

    private static ExperimentException Excess(
        string partitioner, int node, double[] own, ClassPools pools, int count)
    {
        var classes = Enumerable.Range(0, own.Length).Where(label => own[label] > 0).ToList();
        return new ExperimentException(
            $"Partitioner '{partitioner}': node {node} asks for {count} test samples of its classes " +
            $"({string.Join(", ", classes)}), but there are {classes.Sum(pools.Stock)}; " +
            "testSamplesPerNode can be that at most.");
    }
}
