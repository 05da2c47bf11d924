using Microsoft.Extensions.Time.Testing;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.ClientCli.Watching;
using Orleans.FL.Grains.Interfaces;
using Xunit;

namespace Orleans.FL.ClientCli.Tests.Watching;

public class WatcherTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _notices = [];

    [Fact(Timeout = 30_000)]
    public async Task A_lost_silo_that_comes_back_goes_on_with_the_next_event()
    {
        var first = new FakeFederation().Plays(Sample.Events[..4], new TimeoutException());
        var second = new FakeFederation().Plays(Sample.Events);

        var seen = await All(Watcher(first, second), 0);

        // The first connection broke after round 1 (sequence 2): 3 is next, and no recorded event is seen twice.
        Assert.Equal([$"watch {Sample.Run} 3"], second.Calls);
        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Where(e => e.Recorded).Select(e => e.Sequence));
        Assert.True(first.Disposed);
        Assert.Contains("does not answer", _notices[0]);
        Assert.Contains("is back; going on from event 3", _notices[1]);
    }

    [Fact(Timeout = 30_000)]
    public async Task Progress_is_no_recorded_event_and_is_not_counted()
    {
        // Progress carries the sequence number of the event after it: if it counted, round 1 would be missed.
        var first = new FakeFederation().Plays(Sample.Events[..3], new TimeoutException());
        var second = new FakeFederation().Plays(Sample.Events);

        await All(Watcher(first, second), 0);

        Assert.Equal([$"watch {Sample.Run} 2"], second.Calls);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_silo_that_falls_silent_is_lost_even_if_its_connection_is_not()
    {
        var first = new FakeFederation().Hangs([.. Sample.Events[..4]]);
        var second = new FakeFederation().Plays(Sample.Events);

        var seen = await All(Watcher(first, second), 0);

        Assert.Equal([$"watch {Sample.Run} 3"], second.Calls);
        Assert.Equal([0, 1, 2, 3, 4, 5], seen.Where(e => e.Recorded).Select(e => e.Sequence));
    }

    [Fact(Timeout = 30_000)]
    public async Task Events_that_end_without_an_end_of_the_run_are_a_loss()
    {
        var first = new FakeFederation().Plays(Sample.Events[..2]);
        var second = new FakeFederation().Plays(Sample.Events);

        Assert.IsType<FinishedEvent>((await All(Watcher(first, second), 0))[^1]);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_silo_that_stays_away_is_given_up_with_the_way_to_go_on()
    {
        var first = new FakeFederation().Plays(Sample.Events[..2], new TimeoutException());

        var error = await Assert.ThrowsAsync<FederationException>(() => All(Watcher(first, null), 0));

        Assert.Contains($"flctl watch {Sample.Run} --from 2", error.Message);
        Assert.Single(_notices);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_silo_that_came_back_without_the_run_says_so()
    {
        var first = new FakeFederation().Plays(Sample.Events[..2], new TimeoutException());
        var second = new FakeFederation { Runs = [] };

        var error = await Assert.ThrowsAsync<FederationException>(() => All(Watcher(first, second), 0));

        Assert.Contains("does not know run tiny-1 any more", error.Message);
    }

    [Fact(Timeout = 30_000)]
    public async Task An_embedded_silo_is_not_waited_for()
    {
        await using var watcher = new Watcher(
            new FakeFederation().Plays(Sample.Events[..2], new TimeoutException()), null, _time, _notices.Add);

        await Assert.ThrowsAsync<FederationException>(() => All(watcher, 0));
    }

    [Fact(Timeout = 30_000)]
    public async Task Watching_may_begin_in_the_middle()
    {
        await using var watcher = new Watcher(new FakeFederation().Plays(Sample.Events), null, _time, _notices.Add);

        Assert.Equal([4, 5], (await All(watcher, 4)).Select(e => e.Sequence));
    }

    private Watcher Watcher(FakeFederation first, FakeFederation? second) =>
        new(first, c => new FakeFederations(second).Connect(new(null, ["test:1"], "orleans-fl", null), null, c), _time,
            _notices.Add);

    private async Task<List<RunEvent>> All(Watcher watcher, long from)
    {
        var watching = Collect();
        while (!watching.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
        return await watching;

        async Task<List<RunEvent>> Collect()
        {
            var seen = new List<RunEvent>();
            await foreach (var e in watcher.Watch(Sample.Run, from)) seen.Add(e);
            return seen;
        }
    }
}
