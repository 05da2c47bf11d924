using Orleans.FL.Learning.Training.Lanes;
using Xunit;

namespace Orleans.FL.Learning.Tests.Training;

public class TrainingLanesTests
{
    private const int Timeout = 30_000;

    [Fact(Timeout = Timeout)]
    public async Task Runs_take_turns_and_each_keeps_its_order()
    {
        await using var lanes = new TrainingLanes(1);
        using var gate = new ManualResetEventSlim();
        var order = new List<string>();
        var blocker = Block(lanes, gate);

        // While the lane is busy, run a queues four jobs before b and c queue two each.
        var jobs = "a1 a2 a3 a4 b1 b2 c1 c2".Split(' ').Select(name => lanes.Run(name[..1], (_, _) =>
        {
            order.Add(name);
            return name;
        })).ToList();
        Assert.Equal(8, lanes.Queued);
        gate.Set();
        await Task.WhenAll(jobs);
        await blocker;

        Assert.Equal("a1 b1 c1 a2 b2 c2 a3 a4", string.Join(' ', order));
        Assert.Equal(0, lanes.Queued);
    }

    [Fact(Timeout = Timeout)]
    public async Task Lanes_work_side_by_side_on_threads_of_their_own()
    {
        await using var lanes = new TrainingLanes(2);
        using var both = new Barrier(2);

        var seen = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => lanes.Run("a", (lane, token) =>
        {
            both.SignalAndWait(token); // ends only if two jobs run at once
            return (lane.Index, Environment.CurrentManagedThreadId, lanes.Busy);
        })));

        Assert.Equal([0, 1], seen.Select(s => s.Index).Order());
        Assert.NotEqual(seen[0].CurrentManagedThreadId, seen[1].CurrentManagedThreadId);
        Assert.Equal(2, lanes.Count);
        Assert.Contains(2, seen.Select(s => s.Busy));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_exception_goes_to_its_caller_and_the_lane_lives_on()
    {
        await using var lanes = new TrainingLanes(1);

        var failing = lanes.Run<int>("a", (_, _) => throw new InvalidDataException("broken"));

        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(3, await lanes.Run("a", (_, _) => 3));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_job_cancelled_in_the_queue_leaves_it_at_once_and_never_runs()
    {
        await using var lanes = new TrainingLanes(1);
        using var gate = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var blocker = Block(lanes, gate);
        var ran = false;
        var job = lanes.Run("a", (_, _) => ran = true, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job); // while the lane is still busy
        Assert.Equal(0, lanes.Queued);
        gate.Set();
        await blocker;
        await lanes.Run("a", (_, _) => 0);
        Assert.False(ran);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_job_whose_caller_has_given_up_already_is_not_queued()
    {
        await using var lanes = new TrainingLanes(1);

        var job = lanes.Run("a", (_, _) => 0, new CancellationToken(canceled: true));

        Assert.True(job.IsCanceled);
    }

    [Fact(Timeout = Timeout)]
    public async Task Closing_cancels_what_waits_and_stops_what_runs()
    {
        var lanes = new TrainingLanes(1);
        var started = new TaskCompletionSource();
        var running = lanes.Run("a", (_, token) =>
        {
            started.SetResult();
            token.WaitHandle.WaitOne();
            token.ThrowIfCancellationRequested();
            return 0;
        });
        var waiting = lanes.Run("a", (_, _) => 1);
        await started.Task;

        await lanes.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => lanes.Run("a", (_, _) => 0));
        await lanes.DisposeAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_continuation_does_not_run_on_the_lane()
    {
        await using var lanes = new TrainingLanes(1);

        var (inside, after) = await lanes.Run("a", (_, _) => Environment.CurrentManagedThreadId).ContinueWith(
            inside => (inside.Result, Environment.CurrentManagedThreadId), CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Assert.NotEqual(inside, after);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_lane_refuses_to_work_on_a_foreign_thread()
    {
        await using var lanes = new TrainingLanes(1);

        var lane = await lanes.Run("a", (lane, _) => lane);

        Assert.Throws<InvalidOperationException>(() => lane.Torch.Instance(Lanes.Logistic, Lanes.Small, 2));
    }

    [Fact(Timeout = Timeout)]
    public async Task Many_callers_that_come_and_go_are_all_answered()
    {
        await using var lanes = new TrainingLanes(3);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4_000).Select(i => Task.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var job = lanes.Run($"run{i % 7}", (_, _) => i, stop.Token);
            if (i % 3 == 0) await stop.CancelAsync();
            try
            {
                return await job == i;
            }
            catch (OperationCanceledException)
            {
                return i % 3 == 0;
            }
        })));

        Assert.All(answers, Assert.True);
        Assert.Equal(0, lanes.Queued);
    }

    private static Task<bool> Block(TrainingLanes lanes, ManualResetEventSlim gate)
    {
        using var entered = new ManualResetEventSlim();
        var task = lanes.Run("blocker", (_, token) =>
        {
            entered.Set();
            return gate.Wait(Timeout, token);
        });
        entered.Wait(Timeout);
        return task;
    }
}
