using System.Text.RegularExpressions;
using Orleans.FL.ClientCli.Output;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli;

internal static partial class Errors
{
    /// <summary>Explains an exception, and a number that is none by its option.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="args">The command line.</param>
    /// <param name="terminal">Where to.</param>
    /// <returns>The exit code.</returns>
    public static int Explain(Exception exception, string[] args, Terminal terminal)
    {
        if (exception is not CommandAppException
            || Conversion().Match(exception.Message) is not { Success: true } found)
            return Explain(exception, terminal);
        terminal.Error.WriteLine(NoNumber(found.Groups[1].Value, args)
            + ". 'flctl --help' and 'flctl COMMAND --help' list what there is.");
        return ExitCode.YourInput;
    }

    /// <summary>The library names types where it means numbers, and not which option.</summary>
    private static string NoNumber(string value, string[] args)
    {
        var at = Array.FindIndex(args, a => a == value || a.EndsWith("=" + value, StringComparison.Ordinal));
        var option = at < 0 || !args[at].StartsWith('-') ? args.ElementAtOrDefault(at - 1) : args[at].Split('=')[0];
        return option?.StartsWith('-') == true
            ? $"{option}: '{value}' is no number that it takes"
            : $"'{value}' is no whole number";
    }

    [GeneratedRegex(@"\AFailed to convert '(.*)' to \S+\z", RegexOptions.Singleline)]
    private static partial Regex Conversion();
}
