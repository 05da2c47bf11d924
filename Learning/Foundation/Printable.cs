using System.Globalization;
using System.Text;

namespace Orleans.FL.Learning.Foundation;

/// <summary>Text that a terminal or a log shows as it is: nothing in it moves a cursor, colours or reorders.</summary>
public static class Printable
{
    /// <summary>
    /// The text with control characters, and those that change its direction, written as JSON does: <c>\u001b</c>. Ends
    /// of lines and tabs stay.
    /// </summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text; // nearly all
        var shown = new StringBuilder(text.Length);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            at += rune.Utf16SequenceLength;
            // A carriage return alone writes over its line.
            var stays = rune.Value is '\n' or '\t' || (rune.Value == '\r' && at < text.Length && text[at] == '\n');
            if (stays || IsText(rune)) shown.Append(rune.ToString());
            else shown.Append(Escaped(rune));
        }
        return shown.ToString();
    }

    /// <summary>The same on one line.</summary>
    /// <param name="text">Any text.</param>
    public static string Line(string text) => Of(text.ReplaceLineEndings(" "));

    /// <summary>Whether a character is seen, and changes nothing but its place.</summary>
    internal static bool IsText(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>A character that is no text, as JSON writes it.</summary>
    internal static string Escaped(Rune rune) => $"\\u{rune.Value:x4}";
}
