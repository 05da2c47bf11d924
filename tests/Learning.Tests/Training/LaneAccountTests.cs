using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class LaneAccountTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Work_is_counted_by_run_and_kind_and_what_is_another_runs_is_other()
    {
        var account = new LaneAccount(2, _time);
        account.Begin(0, "a", LaneWork.Train);
        account.Begin(1, "b", LaneWork.Train);
        Pass(3);
        account.End(0);
        account.Begin(0, "a", LaneWork.Combine);
        Pass(1);
        account.End(0);
        account.End(1);
        Pass(4); // nobody works
        account.Begin(1, "a", LaneWork.Evaluate);
        Pass(2);
        account.End(1);

        // Of 10 s: a trained 3, combined 1, tested 2; b trained 4.
        Assert.Equal(Times(10, 3, 1, 2, 4), account.Of("a"));
        Assert.Equal(Times(10, 4, 0, 0, 6), account.Of("b"));
        Assert.Equal(TimeSpan.FromSeconds(7), account.Of(LaneWork.Train));
    }

    [Fact]
    public void Work_under_way_counts_up_to_now_and_not_twice_when_it_ends()
    {
        var account = new LaneAccount(1, _time);
        account.Begin(0, "a", LaneWork.Train);
        Pass(2);

        Assert.Equal(Times(2, 2, 0, 0, 0), account.Of("a"));
        Assert.Equal(Times(2, 0, 0, 0, 2), account.Of("b"));
        Pass(1);
        account.End(0);
        account.End(0); // a lane without a job
        Assert.Equal(Times(3, 3, 0, 0, 0), account.Of("a"));
    }

    [Fact]
    public void What_a_forgotten_run_did_stays_in_the_sums_of_all()
    {
        var account = new LaneAccount(1, _time);
        account.Begin(0, "a", LaneWork.Train);
        Pass(5);
        account.End(0);

        account.Forget("a");

        Assert.Equal(Times(5, 0, 0, 0, 5), account.Of("a"));
        Assert.Equal(TimeSpan.FromSeconds(5), account.Of(LaneWork.Train));
    }

    [Fact(Timeout = 30_000)]
    public async Task Lanes_count_what_runs_on_them()
    {
        await using var lanes = new TrainingLanes(2, null, _time);

        await lanes.Run("a", LaneWork.Train, (_, _) =>
        {
            Pass(7);
            return 0;
        });

        Assert.Equal(Times(7, 7, 0, 0, 0), lanes.TimesOf("a"));
        Assert.Equal(TimeSpan.FromSeconds(7), lanes.TimeOf(LaneWork.Train));
        Assert.Equal(TimeSpan.Zero, lanes.TimeOf(LaneWork.Other));
    }

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private static LaneTimes Times(int elapsed, int train, int combine, int evaluate, int other) =>
        new(TimeSpan.FromSeconds(elapsed), TimeSpan.FromSeconds(train), TimeSpan.FromSeconds(combine),
            TimeSpan.FromSeconds(evaluate), TimeSpan.FromSeconds(other));
}
