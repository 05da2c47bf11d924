using Orleans.FL.Grains.Phases;
using Orleans.FL.Learning.Experiments;
using Xunit;

namespace Orleans.FL.Grains.Tests.Phases;

public sealed class PhaseDeadlineTests
{
    [Theory]
    [InlineData(60, 0, 10, null)] // no such limit
    [InlineData(60, 3, 10, 30.0)] // 3 × 10 s is earlier than 60 s
    [InlineData(60, 3, 30, null)] // 3 × 30 s is later: the fixed deadline counts
    public void The_earlier_of_both_deadlines_counts(double limit, double medians, double median, double? expected)
    {
        var deadline =
            PhaseDeadline.Of(new SeatingSettings { RoundDeadlineSeconds = limit, DeadlineMedians = medians });

        Assert.Equal(TimeSpan.FromSeconds(limit), deadline.Limit);
        Assert.Equal(expected, deadline.AfterMedian(TimeSpan.FromSeconds(median))?.TotalSeconds);
    }

    [Fact]
    public void A_round_that_waits_for_absent_nodes_has_none()
    {
        var deadline = PhaseDeadline.Of(
            new SeatingSettings { Absence = SeatingSettings.Wait, RoundDeadlineSeconds = 1, DeadlineMedians = 2 });

        Assert.Null(deadline.Limit);
        Assert.Null(deadline.AfterMedian(TimeSpan.FromSeconds(1)));
    }
}
