using Orleans.FL.Learning.Metrics;
using Xunit;

namespace Orleans.FL.Learning.Tests.Tasks;

public class MetricSumsTests
{
    [Fact]
    public void A_sum_that_is_not_there_counts_as_zero()
    {
        var (none, some) = (new MetricSums(2, 0, 5), new MetricSums(3, 1, 7, 11, 13));

        Assert.Equal(new MetricSums(5, 1, 12, 11, 13), none + some);
        Assert.Equal(some + none, none + some);
        Assert.Equal(new MetricSums(2, 0, 5, 0, 0), none);
        Assert.Equal(new MetricSums(2, 0, 5, 0).GetHashCode(), none.GetHashCode());
        Assert.NotEqual(new MetricSums(2, 0, 5, 0, 1), none);
        Assert.Equal(MetricSums.Zero, new MetricSums(0, 0, 0, 0));
    }

    [Fact]
    public void Sums_that_are_sent_are_received_as_they_were()
    {
        var sums = new MetricSums(3, 1, -7, Int128.MaxValue, -13);

        Assert.Equal(sums, MetricSums.OfNumbers(sums.ToNumbers()));
        Assert.Empty(MetricSums.Zero.ToNumbers());
        Assert.Equal(MetricSums.Zero, MetricSums.OfNumbers(null));
    }

    [Fact]
    public void Numbers_that_are_no_sums_are_refused()
    {
        foreach (var numbers in (Int128[][])[[1], [1, 0], [-1, 0, 0], [1, 2, 0], [Int128.MaxValue, 0, 0]])
            Assert.Throws<FormatException>(() => MetricSums.OfNumbers(numbers));
    }

    // 2^102 and twice that and so on: after 26 sums 2^128, which no Int128 holds; before the last it is the exact sum.
    [Fact]
    public void A_sum_that_overflows_makes_all_its_samples_count_as_not_finite()
    {
        var sums = new MetricSums(3, 0, 5, (Int128)1 << 102);
        for (var i = 0; i < 24; i++) sums += sums;

        Assert.Equal((3L << 24, 0, (Int128)1 << 126), (sums.Samples, sums.NotFinite, sums[0]));
        sums += sums;
        Assert.Equal((3L << 25, 3L << 25), (sums.Samples, sums.NotFinite));
        Assert.True(double.IsNaN(sums.Loss));
        Assert.Equal(sums, MetricSums.OfNumbers(sums.ToNumbers()));
        Assert.Equal(sums.Samples + 1, (sums + new MetricSums(1, 0, 2, 2)).NotFinite);
    }

    [Fact]
    public void Sums_that_overflow_are_the_same_in_any_order()
    {
        var (a, b, c) = (new MetricSums(1, 1, Int128.MaxValue / 2), new MetricSums(2, 0, Int128.MaxValue / 2 + 9),
            new MetricSums(4, 2, 7, 1));

        Assert.Equal(a + b + c, c + a + b);
        Assert.Equal(a + b + c, a + (c + b));
        Assert.Equal((7, 7), ((a + c + b).Samples, (a + c + b).NotFinite));
    }

    // 1,400 nodes test 7,000 samples each; the task's own sums are below 2^104 a sample.
    [Fact]
    public void Tests_of_many_nodes_that_diverged_end()
    {
        var node = Enumerable.Repeat(MetricSums.OfBatch(7, 9e17, Int128.One << 103), 1000).Aggregate(MetricSums.Add);

        var all = Enumerable.Repeat(node, 1400 * 100).Aggregate(MetricSums.Add);

        Assert.Equal((980_000_000, 980_000_000), (all.Samples, all.NotFinite));
    }

    [Fact]
    public void A_loss_of_large_targets_is_summed_exactly() => // an error of 10⁷ in a batch of 100, squared
        Assert.Equal(1e14, (MetricSums.OfBatch(100, 1e16) + MetricSums.OfBatch(100, 1e16)).Loss);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e18)]
    public void A_batch_without_a_finite_loss_makes_the_mean_no_number(double loss)
    {
        var sums = MetricSums.OfBatch(4, 2.0) + MetricSums.OfBatch(3, loss);

        Assert.Equal((7, 3), (sums.Samples, sums.NotFinite));
        Assert.True(double.IsNaN(sums.Loss));
    }
}
