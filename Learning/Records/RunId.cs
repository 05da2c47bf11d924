using System.Text.RegularExpressions;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Records;

/// <summary>The rule for names of runs: they are folder names on any system, and nothing more.</summary>
public static partial class RunId
{
    /// <summary>Whether a text is a run id.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string text) => Pattern().IsMatch(text);

    /// <summary>The text, if it is a run id.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ExperimentException">It is none; says what one looks like.</exception>
    public static string Check(string text) => IsValid(text)
        ? text
        : throw new ExperimentException($"'{Shown(text)}' is no run id: 1 to 128 letters, digits, dots, dashes and " +
            "underscores, the first a letter or digit.");

    private static string Shown(string text) => text.Length <= 128 ? text : text[..128] + "…";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex Pattern();
}
