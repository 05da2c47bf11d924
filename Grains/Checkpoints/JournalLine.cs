using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>How stores keep a line of a journal: a checksum, a blank, the line's number, a blank, the line.</summary>
/// <remarks>
/// The checksum, a CRC-32C as eight hexadecimal digits, is of all that stands behind it and of the checksum of the line
/// before. So a line fits in one place only: one that is doubled, missing or exchanged is found as one that was changed
/// is.
/// </remarks>
public static class JournalLine
{
    /// <summary>The longest line as it is kept, in bytes.</summary>
    public const int MaxBytes = 64 << 20;

    internal const int DigestLength = 8;

    /// <summary>The line as it is kept.</summary>
    /// <param name="line">The line.</param>
    /// <param name="end">Where the journal ends.</param>
    /// <returns>Its bytes, without a line break, and where the journal ends with it.</returns>
    /// <exception cref="ArgumentException">It holds a line break, or is too long.</exception>
    public static (byte[] Frame, JournalEnd End) Frame(string line, JournalEnd end)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.AsSpan().IndexOfAny('\n', '\r') >= 0)
            throw new ArgumentException("A journal's entry is one line.", nameof(line));
        var number = end.Lines + 1;
        var head = string.Create(CultureInfo.InvariantCulture, $"{0:x8} {number} ");
        var frame = new byte[head.Length + Encoding.UTF8.GetByteCount(line)];
        if (frame.Length > MaxBytes)
            throw new ArgumentException($"A journal's line has at most {MaxBytes} bytes.", nameof(line));
        Encoding.ASCII.GetBytes(head, frame);
        Encoding.UTF8.GetBytes(line, frame.AsSpan(head.Length));
        var checksum = Checksum(frame.AsSpan(DigestLength + 1), end.Checksum);
        _ = checksum.TryFormat(frame, out _, "x8", CultureInfo.InvariantCulture);
        return (frame, new JournalEnd(number, checksum));
    }

    /// <summary>The CRC-32C of some bytes behind a checksum; of the bytes alone for null.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> data, uint? before)
    {
        var crc = before is { } earlier ? BitOperations.Crc32C(uint.MaxValue, earlier) : uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

/// <summary>Where a journal ends: what its next line is chained to.</summary>
/// <param name="Lines">How many lines it has.</param>
/// <param name="Checksum">That of the last; 0 if there is none.</param>
public readonly record struct JournalEnd(long Lines, uint Checksum);
