using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orleans.FL.Learning.Records.TensorBoard;

/// <summary>The protocol buffers of TensorBoard that scalars need, encoded by hand.</summary>
/// <remarks>
/// <c>Event { double wall_time = 1; int64 step = 2; string file_version = 3; Summary summary = 5 }</c>,
/// <c>Summary { repeated Value value = 1 }</c>, <c>Value { string tag = 1; float simple_value = 2 }</c>.
/// </remarks>
internal static class TensorBoardEvent
{
    private const byte WallTime = (1 << 3) | 1; // field number, wire type: 0 varint, 1 fixed64, 2 length, 5 fixed32
    private const byte Step = (2 << 3) | 0;
    private const byte FileVersion = (3 << 3) | 2;
    private const byte Summary = (5 << 3) | 2;
    private const byte SummaryValue = (1 << 3) | 2;
    private const byte Tag = (1 << 3) | 2;
    private const byte SimpleValue = (2 << 3) | 5;
    private const int SimpleValueSize = 1 + sizeof(float);

    /// <summary>The event that begins a file.</summary>
    public static void WriteVersion(ArrayBufferWriter<byte> target, double wallTime)
    {
        WriteWallTime(target, wallTime);
        WriteText(target, FileVersion, "brain.Event:2");
    }

    /// <summary>An event with scalars.</summary>
    public static void WriteScalars(
        ArrayBufferWriter<byte> target, double wallTime, long step, IReadOnlyCollection<Scalar> scalars)
    {
        WriteWallTime(target, wallTime);
        WriteByte(target, Step);
        WriteVarint(target, (ulong)step);
        WriteByte(target, Summary);
        WriteVarint(target, (ulong)scalars.Sum(s => Framed(ValueSize(s))));
        foreach (var scalar in scalars)
        {
            WriteByte(target, SummaryValue);
            WriteVarint(target, (ulong)ValueSize(scalar));
            WriteText(target, Tag, scalar.Tag);
            WriteByte(target, SimpleValue);
            BinaryPrimitives.WriteSingleLittleEndian(target.GetSpan(sizeof(float)), scalar.Value);
            target.Advance(sizeof(float));
        }
    }

    private static int ValueSize(Scalar scalar) => Framed(Encoding.UTF8.GetByteCount(scalar.Tag)) + SimpleValueSize;

    // Key, length and content of a field whose key is one byte.
    private static int Framed(int size)
    {
        var bytes = 2 + size;
        for (var rest = (uint)size >> 7; rest > 0; rest >>= 7) bytes++;
        return bytes;
    }

    private static void WriteWallTime(ArrayBufferWriter<byte> target, double wallTime)
    {
        WriteByte(target, WallTime);
        BinaryPrimitives.WriteDoubleLittleEndian(target.GetSpan(sizeof(double)), wallTime);
        target.Advance(sizeof(double));
    }

    private static void WriteText(ArrayBufferWriter<byte> target, byte key, string text)
    {
        WriteByte(target, key);
        WriteVarint(target, (ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, target);
    }

    private static void WriteVarint(ArrayBufferWriter<byte> target, ulong value)
    {
        for (; value >= 0x80; value >>= 7) WriteByte(target, (byte)(value | 0x80));
        WriteByte(target, (byte)value);
    }

    private static void WriteByte(ArrayBufferWriter<byte> target, byte value)
    {
        target.GetSpan(1)[0] = value;
        target.Advance(1);
    }
}
