using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Hosting;

/// <summary>One line an event: time, level, sentence.</summary>
internal sealed class SiloLog(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    private const string FormatterName = "line";

    /// <inheritdoc/>
    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        if (IsNoNews(logEntry.Exception, logEntry.Category)) return;
        var sentence = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var cause = logEntry.Exception is { } e ? $" ({e.GetType().Name}: {e.Message})" : "";
        textWriter.WriteLine(
            $"{time.GetLocalNow():HH:mm:ss} {Word(logEntry.LogLevel)} {Printable.Line(sentence + cause)}");
    }

    /// <summary>Sets which categories are logged, and where.</summary>
    /// <param name="logging">The silo's logging.</param>
    /// <param name="place">An embedded silo logs errors only, on stderr: stdout is its program's.</param>
    public static void Add(ILoggingBuilder logging, SiloProcess place)
    {
        logging.Services.AddSingleton(TimeProvider.System);
        logging.SetMinimumLevel(place == SiloProcess.Embedded ? LogLevel.Error : LogLevel.Warning);
        if (place == SiloProcess.OwnProcess) logging.AddFilter("Orleans.FL", LogLevel.Information);
        // A start-up race of Orleans 10.4.2 reports a health check that has "not completed for" the machine's whole
        // uptime.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // Warns at each start that the server GC is off; it is off on purpose (see Directory.Build.props).
        logging.AddFilter("Orleans.Runtime.Silo", LogLevel.Error);
        // Says that the dashboard's first call is tried again, milliseconds before the silo is up.
        logging.AddFilter("Polly", LogLevel.Error);
        logging.AddConsole(console =>
        {
            console.FormatterName = FormatterName;
            if (place == SiloProcess.Embedded) console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.AddConsoleFormatter<SiloLog, ConsoleFormatterOptions>();
    }

    // A refused start is one sentence of the program; what a silo that did not start lets go of by itself is of no use,
    // nor is what the libraries had under way when it was asked to stop.
    private static bool IsNoNews(Exception? e, string category) => e switch
    {
        OptionsValidationException or ObjectDisposedException { ObjectName: nameof(IServiceProvider) } => true,
        OperationCanceledException => !category.StartsWith("Orleans.FL", StringComparison.Ordinal),
        AggregateException all => all.InnerExceptions.All(i => IsNoNews(i, category)),
        _ => false,
    };

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical => "fatal",
        LogLevel.Error => "error",
        LogLevel.Warning => "warn ",
        LogLevel.Information => "info ",
        _ => "debug",
    };
}
