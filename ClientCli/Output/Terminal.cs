using Spectre.Console;

namespace Orleans.FL.ClientCli.Output;

/// <summary>
/// Where flctl writes: results to one stream, everything else to another. What is no text is escaped in both.
/// </summary>
internal sealed class Terminal
{
    private const int WidthWithoutTerminal = 160;

    private Terminal(IAnsiConsole console, TextWriter output, TextWriter error, bool live)
    {
        console.Pipeline.Attach(new PrintableSegments());
        (Console, Output, Error, Live) = (console, new PrintableWriter(output), new PrintableWriter(error), live);
    }

    /// <summary>Draws tables, charts and the live view on the output.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>The same output for lines that must come out as they are.</summary>
    public TextWriter Output { get; }

    /// <summary>Errors and notices.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a view may redraw itself: the output is a terminal that understands escape codes.</summary>
    public bool Live { get; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        var redirected = System.Console.IsOutputRedirected;
        if (redirected) return Plain(System.Console.Out, System.Console.Error);
        var capabilities = console.Profile.Capabilities;
        return new(console, System.Console.Out, System.Console.Error, capabilities.Ansi && capabilities.Interactive);
    }

    /// <summary>A terminal that is none: no escape codes, lines of any length.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Errors and notices.</param>
    public static Terminal Plain(TextWriter output, TextWriter error)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = WidthWithoutTerminal;
        console.Profile.Capabilities.Unicode = true;
        return new(console, output, error, false);
    }
}
