using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Orleans.FL.ClientCli.Federations;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.ClientCli.Watching;

/// <summary>Follows a run; if the silo goes away it waits for it and goes on where it was.</summary>
/// <param name="federation">The connection to begin with; the watcher lets go of it.</param>
/// <param name="reconnect">Makes another one; null if there is none to be had (an embedded silo).</param>
/// <param name="time">Paces the tries.</param>
/// <param name="notice">Receives what happens to the connection, in sentences.</param>
internal sealed class Watcher(IFederation federation, Func<CancellationToken, Task<IFederation>>? reconnect,
    TimeProvider time, Action<string> notice)
    : IAsyncDisposable
{
    /// <summary>Tries before the watcher gives up; with the waits between them, about a minute.</summary>
    public const int Tries = 20;

    /// <summary>A run sends a sign of life every two seconds; after this much silence its silo is asked.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    // A silo that hangs takes connections, too, and another gateway may be known by the next try.
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(15);

    private IFederation? _federation = federation;

    /// <summary>Sequence number of the event that is next.</summary>
    public long Next { get; private set; }

    /// <summary>
    /// The run's events from a sequence number on, each recorded one exactly once, until the run ends.
    /// </summary>
    /// <param name="run">Run id.</param>
    /// <param name="from">First sequence number wanted.</param>
    /// <param name="cancellation">Ends the watching, not the run.</param>
    /// <exception cref="FederationException">The silo did not come back, or no longer knows the run.</exception>
    public async IAsyncEnumerable<RunEvent> Watch(
        string run, long from, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Next = from;
        for (var failures = 0; ;)
        {
            var connection = await Connection(run, failures, cancellation);
            if (connection is not null)
            {
                var events = connection.Watch(run, Next, cancellation).GetAsyncEnumerator(cancellation);
                try
                {
                    while (await Advance(events, cancellation))
                    {
                        if (failures > 0) notice($"{Capital(connection.Name)} is back; going on from event {Next}.");
                        failures = 0;
                        var next = events.Current;
                        Next = next.Recorded ? next.Sequence + 1 : next.Sequence;
                        yield return next;
                        if (next.Final) yield break;
                    }
                }
                finally
                {
                    _ = LetGo(events); // a silo that is gone would be waited for
                }
            }
            await Lost(run, ++failures, cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_federation is not null) await _federation.DisposeAsync();
    }

    private async Task<IFederation?> Connection(string run, int failures, CancellationToken cancellation)
    {
        if (_federation is not null) return _federation;
        try
        {
            // Lost() lets go of a connection only if there is a way to make another one.
            using var deadline = new CancellationTokenSource(ConnectsWithin, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
            _federation = await reconnect!(either.Token);
            if (await _federation.Find(run) is not null) return _federation;
        }
        catch (Exception e) when (IsLoss(e, cancellation) || e is FederationException)
        {
            return null;
        }
        throw new FederationException($"{Capital(_federation.Name)} is back but does not know run {run} any more; "
            + $"see what was recorded with 'flctl show {run}'.");
    }

    // The end of the events without an end of the run is a loss, too: the silo is stopping.
    private async Task<bool> Advance(IAsyncEnumerator<RunEvent> events, CancellationToken cancellation)
    {
        try
        {
            var next = events.MoveNextAsync().AsTask();
            return reconnect is null ? await next : await next.WaitAsync(LongestSilence, time, cancellation);
        }
        catch (Exception e) when (IsLoss(e, cancellation))
        {
            return false;
        }
    }

    private static async Task LetGo(IAsyncEnumerator<RunEvent> events)
    {
        try
        {
            await events.DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Nobody is left to report it to.
        }
    }

    private async Task Lost(string run, int failures, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var name = _federation?.Name ?? "the silo";
        if (reconnect is null) throw new FederationException($"{Capital(name)} ended before the run did.");
        if (_federation is not null) await _federation.DisposeAsync();
        _federation = null;
        if (failures == 1) notice($"{Capital(name)} does not answer; trying again for a minute.");
        if (failures > Tries)
            throw new FederationException("The silo did not come back; when it runs again, go on with "
                + $"'flctl watch {run} --from {Next}'; what was recorded shows 'flctl show {run}'.");
        var wait = TimeSpan.FromSeconds(failures);
        await Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancellation);
    }

    // What is over in the embedded silo goes on nowhere that could be asked.
    private bool IsLoss(Exception e, CancellationToken cancellation) =>
        IsLost(e, cancellation) || (reconnect is not null && e is RunException);

    private static bool IsLost(Exception e, CancellationToken cancellation) => e is TimeoutException or OrleansException
        or EnumerationAbortedException or SocketException or IOException or ObjectDisposedException
        || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
