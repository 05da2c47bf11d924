namespace Orleans.FL.Grains.Checkpoints;

/// <summary>The rule for names of blobs: a SHA-256 as 64 lower-case hexadecimal digits, and nothing more.</summary>
public static class BlobName
{
    private const int Length = 64;

    /// <summary>Whether a text is the name of a blob.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string? text) => text is { Length: Length } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The text, if it is the name of a blob.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static string Check(string text) => IsValid(text)
        ? text
        : throw new ArgumentException($"'{text}' is no name of a blob: 64 lower-case hexadecimal digits.",
            nameof(text));
}
