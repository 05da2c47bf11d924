using System.Buffers.Binary;
using System.Text;

namespace Orleans.FL.Testing;

/// <summary>One event of a TensorBoard file.</summary>
public sealed record TensorBoardEntry(
    double WallTime, long Step, string? FileVersion, IReadOnlyDictionary<string, float> Scalars);

/// <summary>
/// Reads TensorBoard event files with a code of its own: checksums are verified, every field is parsed.
/// </summary>
public static class TensorBoardReader
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(i => CrcOfByte((uint)i))];

    /// <summary>All events of a file.</summary>
    /// <exception cref="InvalidDataException">A record is cut, a checksum is wrong, or a field is unknown.</exception>
    public static List<TensorBoardEntry> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var events = new List<TensorBoardEntry>();
        for (ReadOnlySpan<byte> rest = bytes; !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Check(rest[..8], rest[8..12]);
            if (length > (ulong)rest.Length - 16) throw new InvalidDataException($"A record of {length} bytes is cut.");
            var data = rest.Slice(12, (int)length);
            Check(data, rest.Slice(12 + (int)length, 4));
            events.Add(ParseEvent(data));
            rest = rest[(16 + (int)length)..];
        }
        return events;
    }

    /// <summary>CRC-32C (Castagnoli), bit by bit from its polynomial.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        return ~crc;
    }

    private static uint CrcOfByte(uint value)
    {
        for (var bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? 0x82F63B78 ^ (value >> 1) : value >> 1;
        return value;
    }

    private static void Check(ReadOnlySpan<byte> data, ReadOnlySpan<byte> stored)
    {
        var crc = Crc32C(data);
        var masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
        var found = BinaryPrimitives.ReadUInt32LittleEndian(stored);
        if (masked != found) throw new InvalidDataException($"Checksum {found:x8} found, {masked:x8} expected.");
    }

    private static TensorBoardEntry ParseEvent(ReadOnlySpan<byte> data)
    {
        var (wallTime, step, version) = (double.NaN, 0L, (string?)null);
        var scalars = new Dictionary<string, float>();
        while (!data.IsEmpty)
        {
            switch (Varint(ref data))
            {
                case 0x09: wallTime = BinaryPrimitives.ReadDoubleLittleEndian(Take(ref data, 8)); break;
                case 0x10: step = (long)Varint(ref data); break;
                case 0x1A: version = Encoding.UTF8.GetString(Field(ref data)); break;
                case 0x2A: ParseSummary(Field(ref data), scalars); break;
                case var key: throw new InvalidDataException($"Event has the unknown field key {key}.");
            }
        }
        return new TensorBoardEntry(wallTime, step, version, scalars);
    }

    private static void ParseSummary(ReadOnlySpan<byte> data, Dictionary<string, float> scalars)
    {
        while (!data.IsEmpty)
        {
            if (Varint(ref data) != 0x0A) throw new InvalidDataException("Summary has an unknown field.");
            var value = Field(ref data);
            if (Varint(ref value) != 0x0A) throw new InvalidDataException("Value does not begin with its tag.");
            var tag = Encoding.UTF8.GetString(Field(ref value));
            if (Varint(ref value) != 0x15) throw new InvalidDataException("Value has no simple value.");
            scalars.Add(tag, BinaryPrimitives.ReadSingleLittleEndian(Take(ref value, 4)));
            if (!value.IsEmpty) throw new InvalidDataException("Value has bytes left over.");
        }
    }

    private static ulong Varint(ref ReadOnlySpan<byte> data)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var b = Take(ref data, 1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }

    private static ReadOnlySpan<byte> Field(ref ReadOnlySpan<byte> data) => Take(ref data, (int)Varint(ref data));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> data, int count)
    {
        if (count < 0 || count > data.Length)
            throw new InvalidDataException($"{count} bytes expected, {data.Length} found.");
        var taken = data[..count];
        data = data[count..];
        return taken;
    }
}
