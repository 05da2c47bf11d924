using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>How stores keep a line of a journal: its CRC-32C as eight hexadecimal digits, a blank, the line.</summary>
public static class JournalLine
{
    /// <summary>The longest line, in bytes of UTF-8.</summary>
    public const int MaxBytes = 64 << 20;

    private const int DigestLength = 8;

    /// <summary>Bytes that are kept beside a line's own.</summary>
    public const int Overhead = DigestLength + 1;

    /// <summary>The line as it is kept.</summary>
    /// <param name="line">The line.</param>
    /// <returns>Its bytes, without a line break.</returns>
    /// <exception cref="ArgumentException">It holds a line break, or is too long.</exception>
    public static byte[] Frame(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.AsSpan().IndexOfAny('\n', '\r') >= 0)
            throw new ArgumentException("A journal's entry is one line.", nameof(line));
        var bytes = new byte[Overhead + Encoding.UTF8.GetByteCount(line)];
        if (bytes.Length > MaxBytes)
            throw new ArgumentException($"A journal's line has at most {MaxBytes} bytes.", nameof(line));
        Encoding.UTF8.GetBytes(line, bytes.AsSpan(Overhead));
        _ = Crc(bytes.AsSpan(Overhead)).TryFormat(bytes, out _, "x8", CultureInfo.InvariantCulture);
        bytes[DigestLength] = (byte)' ';
        return bytes;
    }

    /// <summary>The line that was kept.</summary>
    /// <param name="frame">What <see cref="Frame"/> made, without a line break.</param>
    /// <returns>The line; null if its checksum does not fit.</returns>
    public static string? Parse(ReadOnlySpan<byte> frame) =>
        IsSound(frame) ? Encoding.UTF8.GetString(frame[Overhead..]) : null;

    /// <summary>Whether the checksum of a kept line fits.</summary>
    /// <param name="frame">What <see cref="Frame"/> made, without a line break.</param>
    public static bool IsSound(ReadOnlySpan<byte> frame)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        return frame.Length >= Overhead && frame[DigestLength] == ' ' &&
            Crc(frame[Overhead..]).TryFormat(digest, out _, "x8", CultureInfo.InvariantCulture) &&
            digest.SequenceEqual(frame[..DigestLength]);
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}

/// <summary>The lines of a run's journal that can be trusted.</summary>
/// <param name="lines">The lines, in their order.</param>
/// <param name="error">See <see cref="ValidationError"/>.</param>
public sealed class JournalLines(IReadOnlyList<string> lines, string? error) : IReadOnlyList<string>
{
    /// <summary>Why lines that were there are left out, in one sentence; null if none are.</summary>
    /// <remarks>
    /// A last line that was being written when its writer was killed is no error: it was never acknowledged.
    /// </remarks>
    public string? ValidationError { get; } = error;

    /// <inheritdoc/>
    public int Count => lines.Count;

    /// <inheritdoc/>
    public string this[int index] => lines[index];

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => lines.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
