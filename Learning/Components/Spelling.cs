using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Components;

/// <summary>Words of users in messages: quoted safely, and with what they probably meant.</summary>
public static class Spelling
{
    private const int LongestQuoted = 60;
    private const int LongestGuessed = 64;

    /// <summary>A word in single quotes, short, and with nothing in it that could upset a terminal.</summary>
    public static string Quote(string word) => $"'{Clean(word)}'";

    /// <summary>A word, short, with invisible characters escaped and halves of surrogate pairs replaced.</summary>
    public static string Clean(string word)
    {
        var text = new StringBuilder();
        foreach (var rune in word.EnumerateRunes())
        {
            if (text.Length >= LongestQuoted) return text.Append('…').ToString();
            text.Append(Printable.IsText(rune) ? rune.ToString() : Printable.Escaped(rune));
        }
        return text.ToString();
    }

    /// <summary>Whether a text has no half of a surrogate pair, so that it can be written as UTF-8.</summary>
    public static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }
        return true;
    }

    /// <summary>A sentence that goes on after a colon.</summary>
    public static string Lower(string sentence) =>
        sentence.Length == 0 ? sentence : char.ToLowerInvariant(sentence[0]) + sentence[1..];

    /// <summary>The sentence that proposes the nearest word, with a space before it; empty if none is near.</summary>
    public static string DidYouMean(string word, IEnumerable<string> known) =>
        Nearest(word, known) is { } near ? $" Did you mean '{near}'?" : "";

    /// <summary>The word with the fewest typing errors, at most one in three letters; null if none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > LongestGuessed) return null;
        var plain = Plain(word);
        return known
            .Select(k => (Word: k, Distance: Distance(plain, Plain(k))))
            .Where(k => k.Distance <= Math.Max(1, Math.Min(plain.Length, k.Word.Length) / 3))
            .OrderBy(k => k.Distance)
            .Select(k => k.Word)
            .FirstOrDefault();
    }

    /// <summary>Letters and digits in lower case: <c>batch_size</c> and <c>batchSize</c> are the same.</summary>
    private static string Plain(string word) => string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(substituted, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }
        return d[a.Length, b.Length];
    }
}
