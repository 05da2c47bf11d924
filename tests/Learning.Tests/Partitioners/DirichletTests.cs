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

    // As α goes to 0 a node has one class, each as likely; nothing is said of NaN by a double that small.
    [Theory]
    [InlineData(1e-307)]
    [InlineData(3e-309)]
    [InlineData(double.Epsilon)]
    public void The_least_alphas_give_one_class_and_not_always_the_same(double alpha)
    {
        var nodes = Split(alpha, nodes: 12, samples: 50, seed: 4).Train; // 600 in all of 1,000 a class: none runs out

        Assert.All(nodes, node => Assert.Equal(50, Counts(node).Max()));
        Assert.True(nodes.Select(node => Counts(node).IndexOf(50)).Distinct().Count() > 3);
    }

    // A node whose class is used up goes on with one other class, not with all alike: with α this small the second of
    // its shares is as far above the third as the first above it. 3 classes of 40, two nodes of 60.
    [Theory]
    [InlineData(1e-6)]
    [InlineData(1e-320)]
    public void A_class_that_is_used_up_leaves_the_next_one_of_the_prior(double alpha)
    {
        int[] labels = [.. Enumerable.Range(0, 120).Select(i => i / 40)];

        var node = new Dirichlet(new Dirichlet.Options { Alpha = alpha, Sizes = [60, 0] })
            .Split(new PartitionRequest(labels, [], 3, 2, new Seeds(8))).Train[0];

        Assert.Equal([0, 20, 40], PartitionerLaws.Counts(node, labels)[..3].Order());
    }

    // Dir(α·p): two classes with 9/10 and 1/10 of the data have those shares in the mean, whatever α; with Dir(α·1) a
    // half each. 400 nodes of 5: a node's share of class 0 has a variance below ¼, so five deviations of the mean are
    // 5·½/√400 = 0.125.
    [Theory]
    [InlineData("shares", 0.9)]
    [InlineData("ones", 0.5)]
    public void Priors_follow_the_data_if_asked_to(string prior, double expected)
    {
        int[] labels = [.. Enumerable.Range(0, 40_000).Select(i => i % 10 == 0 ? 1 : 0)];

        var nodes = new Dirichlet(new Dirichlet.Options { Alpha = 1, Prior = prior, SamplesPerNode = 5 })
            .Split(new PartitionRequest(labels, [], 2, 400, new Seeds(6))).Train;

        Assert.Equal(expected, nodes.Average(node => node.Count(i => labels[i] == 0) / 5.0), 0.125);
    }

    // E Σq² of Dir(α·p) over C classes of one size is that of Dir((α/C)·1): (α/C + 1)/(α + 1); α = 2, C = 10: 0.4.
    // Of 50 samples 0.4 + 0.6/50 = 0.412.
    [Fact]
    public void Alpha_is_shared_out_among_the_classes_where_priors_follow_the_data()
    {
        var squares = Enumerable.Range(1, 20).SelectMany(seed =>
            new Dirichlet(new Dirichlet.Options { Alpha = 2, Prior = "shares", SamplesPerNode = 50 })
                .Split(new PartitionRequest(Labels, [], 10, 60, new Seeds(seed))).Train)
            .Select(node => Counts(node).Sum(count => count / 50.0 * (count / 50.0)));

        Assert.Equal(0.412, squares.Average(), 0.03);
    }

    private static int[] Counts(int[] node) => PartitionerLaws.Counts(node, Labels);

    private static Partition Split(double alpha, int nodes, int samples, long seed = 1) =>
        new Dirichlet(new Dirichlet.Options { Alpha = alpha, SamplesPerNode = samples })
            .Split(new PartitionRequest(Labels, [], 10, nodes, new Seeds(seed)));
}
