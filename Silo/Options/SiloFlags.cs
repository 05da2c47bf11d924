using Orleans.FL.Learning.Components;

namespace Orleans.FL.Silo.Options;

/// <summary>Splits a command line into flags and their values.</summary>
internal static class SiloFlags
{
    /// <summary>The values by flag; <c>--help</c> is there if it was asked for.</summary>
    /// <param name="args"><c>--flag value</c> or <c>--flag=value</c>, in any order.</param>
    /// <param name="known">The flags that take a value.</param>
    /// <param name="errors">Gets a sentence for each argument that makes no sense.</param>
    public static Dictionary<string, string> Parse(IReadOnlyList<string> args, string[] known, List<string> errors)
    {
        var flags = new Dictionary<string, string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (flag, value) = Split(args[i]);
            if (flag is "--help" or "-h" or "-?")
                flags["--help"] = "";
            else if (!known.Contains(flag))
            {
                errors.Add(flag.StartsWith("--", StringComparison.Ordinal)
                    ? $"There is no flag '{flag}'.{Guess(flag, known)}"
                    : $"'{args[i]}' is no flag, and no flag before it takes it; write --FLAG VALUE.");
                if (value is null && HasValue(args, i)) i++; // the value of what was meant
            }
            else if (flags.ContainsKey(flag))
                errors.Add($"{flag} is given twice.");
            else if (value is not null)
                flags[flag] = value;
            else if (HasValue(args, i))
                flags[flag] = args[++i];
            else
                errors.Add($"{flag} needs a value.");
        }
        return flags;
    }

    private static string Guess(string flag, string[] known) => Spelling.DidYouMean(flag, [.. known, "--help"]) is
    { Length: > 0 } guess ? guess : $" Known are {string.Join(", ", known)}, --help.";

    private static bool HasValue(IReadOnlyList<string> args, int flag) => flag + 1 < args.Count
        && args[flag].StartsWith("--", StringComparison.Ordinal)
        && !args[flag + 1].StartsWith("--", StringComparison.Ordinal);

    private static (string Flag, string? Value) Split(string arg) =>
        arg.IndexOf('=') is var at and > 0 ? (arg[..at], arg[(at + 1)..]) : (arg, null);
}
