using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Partitioners;

public sealed class DirichletTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 10_000).Select(i => i % 10)];

    [Fact]
    public void A_large_alpha_is_near_uniform()
    {
        // 10 nodes x 200 samples; each class count is binomial(200, 0.1): mean 20, deviation 4.2. Five deviations: 21.
        foreach (var node in Split(alpha: 1e5, nodes: 10, samples: 200).Train)
            Assert.All(Counts(node), count => Assert.InRange(count, 0, 41));
    }

    [Fact]
    public void A_small_alpha_is_near_a_single_class()
    {
        // 10 nodes x 50 of 10,000 samples: no class runs out, for any priors.
        foreach (var node in Split(alpha: 1e-4, nodes: 10, samples: 50).Train)
            Assert.Equal(50, Counts(node).Max());
    }

    [Fact]
    public void The_mean_of_squared_shares_is_the_distributions()
    {
        // For Dir(a, C): E[sum q^2] = (a + 1) / (C a + 1); a = 0.5, C = 10: 1.5 / 6 = 0.25. With n samples of a node,
        // E[sum (k/n)^2] = 0.25 + (1 - 0.25) / n = 0.265 at n = 50. 60 nodes: no class runs out.
        var squares = Enumerable.Range(1, 20).SelectMany(seed => Split(0.5, nodes: 60, samples: 50, seed).Train)
            .Select(node => Counts(node).Sum(count => count / 50.0 * (count / 50.0)));

        Assert.Equal(0.265, squares.Average(), 0.015);
    }

    [Fact]
    public void A_class_that_runs_out_is_renormalised_away()
    {
        // Class 0 has two samples, the other has all the rest: demand is met from the samples that are left.
        int[] labels = [0, 0, .. Enumerable.Repeat(1, 98)];

        var partition = new Dirichlet(new Dirichlet.Options { Alpha = 0.01, SamplesPerNode = 10 })
            .Split(new PartitionRequest(labels, [], 2, 10, new Seeds(3)));

        Assert.Equal(Enumerable.Range(0, 100), partition.Train.SelectMany(indices => indices).Order());
    }

    [Fact]
    public void A_tiny_alpha_ends()
    {
        // Every share but the largest is exactly 0 in double precision.
        var partition = Split(alpha: 1e-9, nodes: 100, samples: 100);

        Assert.Equal(10_000, partition.Train.SelectMany(indices => indices).Distinct().Count());
    }

    private static int[] Counts(int[] node) => PartitionerLaws.Counts(node, Labels);

    private static Partition Split(double alpha, int nodes, int samples, long seed = 1) =>
        new Dirichlet(new Dirichlet.Options { Alpha = alpha, SamplesPerNode = samples })
            .Split(new PartitionRequest(Labels, [], 10, nodes, new Seeds(seed)));
}
