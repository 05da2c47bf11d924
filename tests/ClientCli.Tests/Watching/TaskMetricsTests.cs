using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Watching;

public class TaskMetricsTests
{
    private static RoundEvent Round => Sample.Round(1) with
    {
        Metrics = new([new("trainRmse", 3.5), new("trainMae", 2.5), new("testRmse", 4.25), new("testRmseMin", 4),
            new("testRmseMax", 5), new("testMae", 3)]),
    };

    [Fact]
    public void A_line_names_the_metric_of_the_task()
    {
        var line = LineDisplay.Lines(Round).First();

        Assert.Contains("train loss 2.5000 rmse 3.5000  test loss 2.0000 rmse 4.2500", line, StringComparison.Ordinal);
        Assert.DoesNotContain("acc", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_names_the_metric_of_the_task() => Assert.Contains("test rmse 4.2500",
        LineDisplay.Lines(Sample.Finished with { Metrics = new([new("testRmse", 4.25)]) }).First(),
        StringComparison.Ordinal);

    [Fact]
    public void Metrics_are_members_of_the_json_and_read_back_the_same()
    {
        RunEvent[] events = [Round, Sample.Round(1), Sample.Finished,
            Sample.Finished with { Metrics = MetricValues.None }];

        Assert.All(events, e => Assert.Equal(e, RunEvent.FromJson(e.ToJson())));
        Assert.Contains("\"testRmse\":4.25", Round.ToJson(), StringComparison.Ordinal);
        Assert.Contains("\"testAccuracy\":0.75", Sample.Finished.ToJson(), StringComparison.Ordinal);
        Assert.DoesNotContain("metrics", Round.ToJson(), StringComparison.OrdinalIgnoreCase);
    }
}
