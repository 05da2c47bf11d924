using System.Collections.Concurrent;
using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Grains.Tests.Checkpoints;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Checkpoints;

/// <summary>What a store on a server must do besides: bear that the server is away.</summary>
public abstract class ServerCheckpointStoreContract : CheckpointStoreContract, IAsyncLifetime
{
    private readonly ConcurrentBag<IAsyncDisposable> _opened = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var store in _opened) await store.DisposeAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_is_away_for_a_while_only_delays()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        var name = await Write(store, Bytes((2 << 20) + 3));

        await Stop();
        var appended = store.Append(Run, claim, "line");
        var committed = store.Commit(Run, claim, 1, Bytes(5));
        var written = Write(store, Bytes(99));
        var into = new byte[(2 << 20) + 3];
        var read = store.ReadBlob(Run, name, into);
        await Start();
        await Task.WhenAll(appended, committed, written, read);

        Assert.Equal(["line"], await Open().Journal(Run));
        Assert.Equal([1], await Open().Commits(Run));
        Assert.Equal(Bytes((2 << 20) + 3), into);
        Assert.True(await Open().HasBlob(Run, Name(Bytes(99))));
    }

    [Fact(Timeout = 60_000)]
    public async Task Lines_that_are_added_while_the_server_falls_and_rises_are_there_once()
    {
        var store = Open();
        var claim = await store.Claim(Run);
        var (isOver, underWay) = (false, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var writing = Task.Run(async () =>
        {
            var count = 0;
            for (; !Volatile.Read(ref isOver); count++)
            {
                await store.Append(Run, claim, $"{count}");
                if (count == 20) underWay.SetResult();
            }
            return count;
        });
        await underWay.Task;

        await Stop();
        await Start();
        await store.Append(Run, claim, "after");
        Volatile.Write(ref isOver, true);
        var written = await writing;

        var journal = await Open().Journal(Run);
        Assert.Null(journal.ValidationError);
        Assert.Equal(Enumerable.Range(0, written).Select(i => $"{i}"), journal.Where(l => l != "after"));
        Assert.Single(journal, l => l == "after");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_stays_away_for_a_minute_is_a_sentence()
    {
        await Open().Claim(Run);
        var store = Open(new HastyTime());
        await Stop();
        try
        {
            var e = await Assert.ThrowsAsync<CheckpointException>(() => store.Append(Run, 1, "line"));

            Assert.StartsWith(store.Name, e.Message, StringComparison.Ordinal);
            Assert.EndsWith("It was asked again for a minute.", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            await Start();
        }
    }

    protected sealed override ICheckpointStore Open()
    {
        var store = Open(TimeProvider.System);
        _opened.Add((IAsyncDisposable)store);
        return store;
    }

    protected abstract ICheckpointStore Open(TimeProvider time);

    protected abstract Task Stop();

    protected abstract Task Start();

    /// <summary>A clock on which every pause is over at once.</summary>
    private sealed class HastyTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref _ticks, dueTime.Ticks);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
