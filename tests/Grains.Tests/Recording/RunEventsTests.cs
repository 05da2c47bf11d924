using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Recording;
using Orleans.FL.Grains.Times;
using Xunit;

namespace Orleans.FL.Grains.Tests.Recording;

public sealed class RunEventsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store = new();
    private readonly RunClaim _claim;
    private readonly RunEvents _events;

    public RunEventsTests()
    {
        _claim = new RunClaim("run", _store);
        _events = new RunEvents(_claim, new PhaseClock(_time), _time, NullLogger.Instance) { IsLive = true };
    }

    [Fact(Timeout = 10_000)]
    public Task An_event_is_in_the_journal_before_anybody_sees_it() => Turns.Run(async () =>
    {
        await _claim.Take();
        var opens = new TaskCompletionSource();
        _store.Opens = opens.Task;
        await using var watcher = _events.Watch(0, default).GetAsyncEnumerator();
        var next = watcher.MoveNextAsync();

        var recording = _events.Record(new PausedEvent(3), "{ \"a\": 1 }");
        await Task.Yield();
        Assert.Empty(_events.All);
        Assert.False(next.IsCompleted);
        opens.SetResult();
        await recording;

        Assert.True(await next);
        Assert.Equal(new PausedEvent(3) { Sequence = 0, Time = _time.GetUtcNow() }, watcher.Current);
        Assert.EndsWith("\t{\"a\":1}", Assert.Single(_store.Lines)); // what is attached, compact
    });

    [Fact(Timeout = 10_000)]
    public Task An_event_that_the_journal_refuses_is_not_published() => Turns.Run(async () =>
    {
        await _claim.Take();
        await new RunClaim("run", _store).Take(); // another process

        await Assert.ThrowsAsync<StaleClaimException>(() => _events.Record(new PausedEvent(3)));
        await Assert.ThrowsAsync<StaleClaimException>(_claim.Renew);

        Assert.Empty(_events.All);
    });

    [Fact(Timeout = 10_000)]
    public Task A_watcher_receives_the_past_then_what_happens_then_the_end() => Turns.Run(async () =>
    {
        await _claim.Take();
        await _events.Record(new PausedEvent(1));
        await _events.Record(new ResumedEvent(1));
        var seen = new List<RunEvent>();
        var watching = Watch(1);
        await _events.Record(new StoppedEvent("run", "folder", 1, "It was stopped on request."));
        _events.IsLive = false;
        _events.Signal();
        await watching;

        Assert.Equal([1, 2], seen.Select(e => e.Sequence));
        seen.Clear();
        await Watch(1000);
        Assert.IsType<StoppedEvent>(Assert.Single(seen)); // from beyond the end: the end

        async Task Watch(long from)
        {
            await foreach (var happened in _events.Watch(from, default)) seen.Add(happened);
        }
    });

    [Fact(Timeout = 10_000)]
    public Task Watchers_see_how_far_a_phase_is_and_each_state_once() => Turns.Run(async () =>
    {
        await using var watcher = _events.Watch(0, default).GetAsyncEnumerator();
        _events.Show(4, "train", 2, 6);

        Assert.True(await watcher.MoveNextAsync());
        Assert.Equal(new ProgressEvent(4, "train", 2, 6) { Time = _time.GetUtcNow() }, watcher.Current);
        var next = watcher.MoveNextAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await next);
        Assert.Null(Assert.IsType<PulseEvent>(watcher.Current).Waiting); // two seconds without news
    });

    [Fact(Timeout = 10_000)]
    public Task A_store_that_does_not_answer_is_reported_as_waited_for() => Turns.Run(async () =>
    {
        await _claim.Take();
        var opens = new TaskCompletionSource();
        _store.Opens = opens.Task;
        await using var watcher = _events.Watch(0, default).GetAsyncEnumerator();

        var recording = _events.Record(new PausedEvent(3));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await watcher.MoveNextAsync());
        while (watcher.Current is PulseEvent { Waiting: null }) await watcher.MoveNextAsync();

        Assert.Equal("The run waits for the memory.", Assert.IsType<PulseEvent>(watcher.Current).Waiting);
        opens.SetResult();
        await recording;
        while (watcher.Current is PulseEvent) await watcher.MoveNextAsync();
        Assert.IsType<PausedEvent>(watcher.Current);
    });

    [Fact]
    public void An_end_that_was_none_is_a_pause()
    {
        _events.Load([new FailedEvent("run", "folder", 2, "Out of memory.") { Sequence = 0 }]);

        _events.Soften();

        Assert.Equal(new SuspendedEvent(2, "Out of memory.") { Sequence = 0 }, Assert.Single(_events.All));
    }
}
