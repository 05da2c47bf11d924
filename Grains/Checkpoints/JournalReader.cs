using System.Buffers.Text;
using System.Globalization;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>Reads the kept lines of a journal, one after the other, up to the first that is wrong.</summary>
public sealed class JournalReader
{
    /// <summary>Where the lines end that can be trusted.</summary>
    public JournalEnd End { get; private set; }

    /// <summary>What is wrong with the line behind them; null if nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Takes the next line.</summary>
    /// <param name="frame">What <see cref="JournalLine.Frame"/> made, without a line break.</param>
    /// <param name="line">The line, as UTF-8.</param>
    /// <returns>Whether it is the next line; after one that is not, none is.</returns>
    public bool Take(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (Fault is not null) return false;
        if (Follow(frame, out line) is { } end) End = end;
        else Fault = FaultOf(frame);
        return Fault is null;
    }

    /// <summary>Counts the line behind those that can be trusted as wrong.</summary>
    /// <param name="fault">What is wrong with it.</param>
    public void Refuse(string fault) => Fault ??= fault;

    /// <summary>What is wrong, as a sentence.</summary>
    /// <param name="journal">What the journal is called.</param>
    /// <returns>The sentence; null if nothing is wrong.</returns>
    public string? Describe(string journal) => Fault is null ? null
        : $"{journal} is damaged in line {End.Lines + 1}: {Fault}. It and the lines after it are left out.";

    private JournalEnd? Follow(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (NumberOf(frame, out var length) is not { } number || number != End.Lines + 1) return null;
        var checksum = JournalLine.Checksum(frame[(JournalLine.DigestLength + 1)..], End.Checksum);
        if (!IsDigest(frame, checksum)) return null;
        line = frame[(JournalLine.DigestLength + length + 2)..];
        return new JournalEnd(number, checksum);
    }

    private string FaultOf(ReadOnlySpan<byte> frame)
    {
        if (frame is [.. var rest, (byte)'\r'] && Follow(rest, out _) is not null)
            return "it ends with a carriage return, because something wrote its line breaks anew as CRLF; "
                + "write them as LF again";
        if (frame.Length > JournalLine.DigestLength && frame[JournalLine.DigestLength] == ' '
            && IsDigest(frame, JournalLine.Checksum(frame[(JournalLine.DigestLength + 1)..], null)))
            return "it has no number, as in journals of earlier versions, which this one does not read";
        return NumberOf(frame, out _) is { } number && number != End.Lines + 1
            ? $"it has the number {number}, so a line is missing, doubled or in another's place"
            : "its checksum does not fit";
    }

    private static bool IsDigest(ReadOnlySpan<byte> frame, uint checksum)
    {
        Span<byte> digest = stackalloc byte[JournalLine.DigestLength];
        return checksum.TryFormat(digest, out _, "x8", CultureInfo.InvariantCulture) && frame.StartsWith(digest);
    }

    private static long? NumberOf(ReadOnlySpan<byte> frame, out int length)
    {
        length = 0;
        if (frame.Length <= JournalLine.DigestLength || frame[JournalLine.DigestLength] != ' ') return null;
        var tail = frame[(JournalLine.DigestLength + 1)..];
        return Utf8Parser.TryParse(tail, out long number, out length) && number > 0 && length < tail.Length
            && tail[length] == ' ' && tail[0] is >= (byte)'1' and <= (byte)'9'
                ? number
                : null;
    }
}
