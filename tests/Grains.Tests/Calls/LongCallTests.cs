using Microsoft.Extensions.Time.Testing;
using Orleans.FL.Grains.Calls;
using Xunit;

namespace Orleans.FL.Grains.Tests.Calls;

public sealed class LongCallTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _lost = [];
    private int _calls;

    [Fact(Timeout = 10_000)]
    public async Task A_lost_answer_is_asked_for_again_until_it_comes_and_said_to_be_lost_once()
    {
        var answer = await Endless()
            .Ask(() => ++_calls < 4 ? throw new TimeoutException($"lost {_calls}") : Task.FromResult("done"), default);

        Assert.Equal("done", answer);
        Assert.Equal(["lost 1"], _lost);
    }

    [Fact(Timeout = 10_000)]
    public async Task An_answer_that_the_work_is_under_way_is_asked_for_again()
    {
        var answer = await Endless().Ask(() => Task.FromResult(++_calls), isPending: calls => calls < 3, default);

        Assert.Equal(3, answer);
        Assert.Empty(_lost);
    }

    [Fact(Timeout = 10_000)]
    public async Task What_is_no_lost_answer_is_an_answer()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Endless().Ask<int>(Fail, default));

        Assert.Equal(1, _calls);

        Task<int> Fail()
        {
            _calls++;
            throw new InvalidOperationException("The disk is full.");
        }
    }

    [Fact(Timeout = 10_000)]
    public Task Tries_are_paused_and_counted() => Turns.Run(async () =>
    {
        var call = new LongCall(_time, _ => true, e => _lost.Add(e.Message), TimeSpan.FromSeconds(1), tries: 3);

        var asked = call.Ask<int>(() => throw new TimeoutException($"lost {++_calls}"), default);
        Assert.Equal(1, _calls);
        for (var second = 1; second <= 2; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            while (_calls == second) await Task.Yield();
        }

        Assert.Equal("lost 3", (await Assert.ThrowsAsync<TimeoutException>(() => asked)).Message);
        Assert.Equal(["lost 1"], _lost); // the third is thrown
    });

    [Fact(Timeout = 10_000)]
    public Task Each_try_may_have_its_own_pause() => Turns.Run(async () =>
    {
        int[] seconds = [1, 5];
        var call = new LongCall(_time, _ => true, [.. seconds.Select(s => TimeSpan.FromSeconds(s))]);

        var asked = call.Ask<int>(() => throw new TimeoutException($"lost {++_calls}"), default);
        for (var tries = 1; tries <= 2; tries++)
        {
            Assert.Equal(tries, _calls);
            _time.Advance(TimeSpan.FromSeconds(seconds[tries - 1]) - TimeSpan.FromTicks(1));
            Assert.Equal(tries, _calls);
            _time.Advance(TimeSpan.FromTicks(1));
            while (_calls == tries) await Task.Yield();
        }

        Assert.Equal("lost 3", (await Assert.ThrowsAsync<TimeoutException>(() => asked)).Message);
    });

    [Fact(Timeout = 10_000)]
    public async Task A_caller_that_gives_up_does_not_ask_again()
    {
        using var over = new CancellationTokenSource();

        await Assert.ThrowsAsync<OperationCanceledException>(() => Endless().Ask<int>(Lose, over.Token));
        await Assert.ThrowsAsync<OperationCanceledException>(() => Endless()
            .Ask(() => Task.FromResult(0), _ => true, over.Token));

        Assert.Equal(1, _calls);

        Task<int> Lose()
        {
            _calls++;
            over.Cancel();
            throw new TimeoutException();
        }
    }

    [Fact(Timeout = 10_000)]
    public Task All_tries_run_on_the_turns_of_the_caller() => Turns.Run(async () =>
    {
        var turns = TaskScheduler.Current;

        await Endless().Ask(async () =>
        {
            Assert.Same(turns, TaskScheduler.Current);
            await Task.Yield();
            return ++_calls < 3 ? throw new TimeoutException() : true;
        }, default);

        Assert.Same(turns, TaskScheduler.Current);
    });

    private LongCall Endless() => new(_time, e => e is TimeoutException, e => _lost.Add(e.Message));
}
