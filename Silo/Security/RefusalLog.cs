namespace Orleans.FL.Silo.Security;

/// <summary>One line for each refused connection, and few lines for a flood of them.</summary>
/// <param name="logger">Where to.</param>
/// <param name="time">Says when a flood is over.</param>
internal sealed partial class RefusalLog(ILogger<RefusalLog> logger, TimeProvider time)
{
    private const int LinesInARow = 10;
    private static readonly TimeSpan Row = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _rowBegan = time.GetTimestamp();
    private int _inRow;

    /// <summary>Logs a refused connection.</summary>
    /// <param name="peer">Who.</param>
    /// <param name="port">Where it came in, or where this silo wanted to go.</param>
    /// <param name="reason">Why, as what follows "because".</param>
    public void Refused(string peer, string port, string reason)
    {
        var unsaid = 0;
        lock (_lock)
        {
            if (time.GetElapsedTime(_rowBegan) > Row)
            {
                unsaid = _inRow - LinesInARow;
                (_rowBegan, _inRow) = (time.GetTimestamp(), 0);
            }
            if (++_inRow > LinesInARow) return;
        }
        if (unsaid > 0) More(logger, unsaid);
        One(logger, peer, port, reason);
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused the connection with {Peer} at the {Port} because {Reason}.")]
    private static partial void One(ILogger logger, string peer, string port, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Refused {Count} more connections in short order.")]
    private static partial void More(ILogger logger, int count);
}
