using Orleans.FL.Grains.Checkpoints;
using Polly;
using Polly.Retry;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Asks a server again while it is away, for a minute; then says so.</summary>
internal sealed class ServerRetry
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastPauseBegins = TimeSpan.FromSeconds(60) - LongestPause;
    private static readonly ResiliencePropertyKey<long> Begun = new("begun");

    private readonly TimeProvider _time;
    private readonly Func<Exception, bool> _isTransient;
    private readonly Func<Exception, string?> _explain;
    private readonly ResiliencePipeline _pipeline;

    /// <summary>Retries for one server.</summary>
    /// <param name="time">Measures the minute.</param>
    /// <param name="isTransient">Whether a failure may be over when the server is asked again.</param>
    /// <param name="explain">The sentence for a failure; null if it is no failure of the server.</param>
    public ServerRetry(TimeProvider time, Func<Exception, bool> isTransient, Func<Exception, string?> explain)
    {
        (_time, _isTransient, _explain) = (time, isTransient, explain);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = a =>
                ValueTask.FromResult(a.Outcome.Exception is { } e && isTransient(e) && HasTime(a.Context)),
            MaxRetryAttempts = int.MaxValue, // the minute ends it
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstPause,
            MaxDelay = LongestPause,
        }).Build();
    }

    /// <summary>Does work that may be done twice.</summary>
    /// <param name="work">The work.</param>
    /// <exception cref="CheckpointException">The server refuses, or was away for a minute.</exception>
    public async Task<T> Do<T>(Func<Task<T>> work)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(Begun, _time.GetTimestamp());
        try
        {
            return await _pipeline.ExecuteAsync(static async (_, w) => await w(), context, work);
        }
        catch (Exception e) when (_explain(e) is { } sentence)
        {
            throw new CheckpointException(
                _isTransient(e) ? $"{sentence} It was asked again for a minute." : sentence, e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private bool HasTime(ResilienceContext context) =>
        _time.GetElapsedTime(context.Properties.GetValue(Begun, 0)) < LastPauseBegins;
}
