namespace Orleans.FL.Silo.Hosting;

/// <summary>
/// Ends a process whose silo may not go on, above all one that the cluster counts as dead: with a sentence in the log,
/// where Orleans' own would have the runtime print all it knows.
/// </summary>
/// <param name="logs">All logs.</param>
internal sealed partial class FatalEnd(ILoggerFactory logs) : IFatalErrorHandler
{
    private const int Failed = 1;

    // What Orleans says before it has all silos follow, which the line before has as well.
    private const string ListOfSilos = " Membership:";

    /// <inheritdoc/>
    public bool IsUnexpected(Exception exception) => true;

    /// <inheritdoc/>
    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        var reason = (exception?.Message ?? context ?? "").Split(ListOfSilos, 2)[0];
        Log.Ends(logs.CreateLogger<FatalEnd>(), reason.TrimEnd('.'));
        logs.Dispose(); // a thread of its own writes them: until it has
        Environment.Exit(Failed);
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Critical,
            "The silo ends itself and must be started again; its runs go on with the others. {Reason}.")]
        public static partial void Ends(ILogger logger, string reason);
    }
}
