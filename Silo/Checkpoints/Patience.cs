using Orleans.FL.Grains.Checkpoints;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Asks a server again while it is away, for a minute; then says so.</summary>
/// <param name="time">Measures the minute.</param>
/// <param name="mayPass">Whether a failure may be over when the server is asked again.</param>
/// <param name="explain">The sentence for a failure; null if it is no failure of the server.</param>
internal sealed class Patience(TimeProvider time, Func<Exception, bool> mayPass, Func<Exception, string?> explain)
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Does work that may be done twice.</summary>
    /// <param name="work">The work.</param>
    /// <exception cref="CheckpointException">The server refuses, or was away for a minute.</exception>
    public async Task<T> Do<T>(Func<Task<T>> work)
    {
        var begun = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (mayPass(e) && time.GetElapsedTime(begun) + pause < Whole)
            {
                // It is asked again below.
            }
            catch (Exception e) when (explain(e) is { } sentence)
            {
                throw new CheckpointException(mayPass(e) ? $"{sentence} It was asked again for a minute." : sentence, e);
            }
            await Task.Delay(pause, time);
        }
    }
}
