using Polly;
using Polly.Retry;

namespace Orleans.FL.Grains.Calls;

/// <summary>A call that may take longer than a message may be under way, or whose answer may be lost.</summary>
/// <remarks>
/// The callee answers within some seconds, if only that the work is under way, and recognises a repeated order
/// (ADR 21). So the caller asks again: at once after such an answer, and after a pause when an answer is lost. Neither
/// makes anything happen twice. All of it stays on the turns of the grain that calls.
/// </remarks>
internal sealed class LongCall
{
    private readonly ResiliencePipeline _retry;
    private readonly Func<Exception, bool> _isLost;

    /// <summary>A way to call.</summary>
    /// <param name="time">Measures the pauses.</param>
    /// <param name="isLost">Whether an exception says that the answer may have been lost, so that it is worth asking
    /// again.</param>
    /// <param name="lost">Sees the first such exception of an answer: a trouble that lasts is said once.</param>
    /// <param name="pause">Time before the next try.</param>
    /// <param name="tries">Most tries for one answer; for ever if left out.</param>
    public LongCall(TimeProvider time, Func<Exception, bool> isLost, Action<Exception> lost, TimeSpan pause = default,
        int tries = int.MaxValue)
        : this(time, isLost, lost, tries == int.MaxValue ? tries : tries - 1, _ => pause)
    {
    }

    /// <summary>A way to call with a pause of its own before each new try.</summary>
    /// <param name="time">Measures the pauses.</param>
    /// <param name="isLost">Whether an exception says that the answer may have been lost.</param>
    /// <param name="pauses">Time before each new try for one answer; there are no more tries than these.</param>
    public LongCall(TimeProvider time, Func<Exception, bool> isLost, IReadOnlyList<TimeSpan> pauses)
        : this(time, isLost, _ => { }, pauses.Count, failures => pauses[failures])
    {
    }

    private LongCall(TimeProvider time, Func<Exception, bool> isLost, Action<Exception> lost, int moreTries,
        Func<int, TimeSpan> pause)
    {
        _isLost = isLost;
        _retry = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = failed => ValueTask.FromResult(failed.Outcome.Exception is { } e && isLost(e)),
            DelayGenerator = failed => ValueTask.FromResult<TimeSpan?>(pause(failed.AttemptNumber)),
            MaxRetryAttempts = moreTries,
            OnRetry = failed =>
            {
                if (failed.AttemptNumber == 0) lost(failed.Outcome.Exception!);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>Calls until an answer comes.</summary>
    /// <param name="call">Makes the call; the same order each time.</param>
    /// <param name="over">Asks no more.</param>
    public async Task<T> Ask<T>(Func<Task<T>> call, CancellationToken over)
    {
        if (over.IsCancellationRequested) return await AskAgain(call, over);
        try
        {
            return await call(); // the pipeline costs as much as a call to a node here, which answers the first time
        }
        catch (Exception e) when (_isLost(e))
        {
            Exception? first = e;
            return await AskAgain(
                () => Interlocked.Exchange(ref first, null) is { } lost ? Task.FromException<T>(lost) : call(), over);
        }
    }

    /// <summary>Calls until an answer comes that says more than that the work is under way.</summary>
    /// <param name="call">Makes the call; the same order each time.</param>
    /// <param name="isPending">Whether an answer says no more than that.</param>
    /// <param name="over">Asks no more.</param>
    public async Task<T> Ask<T>(Func<Task<T>> call, Func<T, bool> isPending, CancellationToken over)
    {
        while (true)
        {
            var answer = await Ask(call, over);
            if (!isPending(answer)) return answer;
            over.ThrowIfCancellationRequested();
        }
    }

    private async Task<T> AskAgain<T>(Func<Task<T>> call, CancellationToken over)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, over);
        try
        {
            return await _retry.ExecuteAsync(static async (_, ask) => await ask(), context, call);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}
