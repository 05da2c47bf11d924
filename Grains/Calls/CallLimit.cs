namespace Orleans.FL.Grains.Calls;

/// <summary>
/// The other side of a <see cref="LongCall"/>: a call that waits for work answers in time, done or not.
/// </summary>
internal static class CallLimit
{
    /// <summary>The longest that a call waits before it says that the work is under way (ADR 21).</summary>
    public static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(10);

    /// <summary>Waits for work, but not for long.</summary>
    /// <param name="work">The work; it goes on.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Waits no longer.</param>
    /// <returns>Whether it has ended, well or not; its exception is not thrown here.</returns>
    public static async Task<bool> EndsWithin(
        this Task work, TimeSpan limit, TimeProvider time, CancellationToken cancellation = default)
    {
        if (work.IsCompleted) return true;
        await work.WaitAsync(limit, time, cancellation)
            .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        return work.IsCompleted;
    }
}
