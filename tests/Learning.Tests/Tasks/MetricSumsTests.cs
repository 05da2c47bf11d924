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

    [Fact]
    public void A_sum_that_overflows_is_an_error_and_no_other_number() =>
        Assert.Throws<OverflowException>(() => new MetricSums(1, 0, 0, Int128.MaxValue) + new MetricSums(1, 0, 0, 1));

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
