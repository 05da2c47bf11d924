using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Records.Reports;
using Xunit;

namespace Orleans.FL.Learning.Tests.Records;

public sealed class RoundReportTests
{
    [Fact]
    public void Training_counts_each_sample_once()
    {
        var training = Reports.Round().Training;

        // Node 0: 100 samples, 40 right, loss 1; node 2: 100 samples, 42 right, loss 3.
        Assert.Equal(Reports.Sum(100, 40, 1) + Reports.Sum(100, 42, 3), training);
        Assert.Equal(2.0, training.Loss);
        Assert.Equal(0.41, training.Accuracy);
    }

    [Fact]
    public void Accuracy_of_the_test_is_the_mean_over_nodes_present()
    {
        // 0.5 and 0.8; the absent node does not count as 0.
        Assert.Equal(new Spread((0.5 + 0.8) / 2, 0.5, 0.8), Reports.Round().TestAccuracy);
        Assert.Equal(2, Reports.Round().Present);
    }

    [Fact]
    public void Bytes_are_counted_at_the_sender() => Assert.Equal(1000 + 1002, Reports.Round().PayloadBytes);

    [Fact]
    public void A_round_without_test_has_no_accuracy()
    {
        var report = new RoundReport(1, [Reports.Node(0, testSamples: 0)], 1, 0);

        Assert.Equal(Spread.None, report.TestAccuracy);
        Assert.Equal(Spread.None, report.TestLoss);
    }

    [Fact]
    public void A_node_that_diverged_makes_the_mean_loss_no_number()
    {
        var diverged = Reports.Node(1) with { Test = MetricSums.OfBatch(10, double.PositiveInfinity, 1) };
        var report = new RoundReport(1, [Reports.Node(0), diverged, Reports.Node(2)], 1, 0);

        Assert.Equal(Spread.None, report.TestLoss);
        Assert.Equal(0.1, report.TestAccuracy.Min);
    }
}
