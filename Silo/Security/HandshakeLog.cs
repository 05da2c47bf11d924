namespace Orleans.FL.Silo.Security;

/// <summary>Keeps why a TLS handshake failed, which the library writes to its log only.</summary>
/// <remarks>One connection's: strangers then cannot fill the silo's log, and the refusal can say the reason.</remarks>
internal sealed class HandshakeLog : IServiceProvider, ILoggerFactory, ILogger
{
    /// <summary>Why it failed; null if it did not.</summary>
    public Exception? Failure { get; private set; }

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? this : null;

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Failure ??= exception;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
