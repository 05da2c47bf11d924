using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Times;
using Xunit;

namespace Orleans.FL.Grains.Tests.Times;

public class PhaseClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_moment_belongs_to_one_phase()
    {
        var clock = new PhaseClock(_time);
        var lap = new PhaseLap(clock);
        Pass(1);
        using (clock.In("train")) Pass(5);
        using (clock.In("settle"))
        {
            Pass(2);
            using (clock.In("record")) Pass(3); // the outer one stands still
            Pass(4);
        }
        using (clock.In("train")) Pass(6);

        // 1 before, then 5 + 6, 2 + 4, and 3: 21 in all.
        Assert.Equal([new("other", 1), new("train", 11), new("settle", 6), new("record", 3)], lap.Take());
        Assert.Equal(TimeSpan.FromSeconds(11), clock.SpentIn("train"));
    }

    [Fact]
    public void A_portion_is_what_came_since_the_last_and_each_taker_has_its_own()
    {
        var clock = new PhaseClock(_time);
        var (one, other) = (new PhaseLap(clock), new PhaseLap(clock));
        using (clock.In("train"))
        {
            Pass(1);
            Assert.Equal([new("train", 1)], one.Take()); // in the midst of the phase
            Pass(2);
        }

        Assert.Equal([new("train", 2)], one.Take());
        Assert.Equal(Array.Empty<PhaseSeconds>(), one.Take());
        Assert.Equal([new("train", 3)], other.Take());
    }

    [Fact]
    public void An_exception_leaves_the_phases_that_it_goes_through()
    {
        var clock = new PhaseClock(_time);
        Assert.Throws<InvalidOperationException>(Fail);
        Pass(2);

        Assert.Equal([new("other", 2), new("record", 1)], new PhaseLap(clock).Take());

        void Fail()
        {
            using var outer = clock.In("train");
            using var inner = clock.In("record");
            Pass(1);
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Time_before_a_restart_does_not_count()
    {
        var clock = new PhaseClock(_time);
        Pass(100);
        clock.Restart();
        Pass(1);

        Assert.Equal([new("other", 1)], new PhaseLap(clock).Take());
    }

    private void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
