using System.Buffers;
using System.Text;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Codecs;
using Orleans.Serialization.WireProtocol;

namespace Orleans.FL.Grains.Interfaces;

/// <summary>Chunks on the wire: straight from published memory, and straight into a pooled buffer.</summary>
/// <remarks>
/// Length of all that follows; total (8 bytes); length of the names, and the names, each ended by a zero byte; length
/// of the codec's name (1 byte; 0 for none), and the name; one byte that says whether a hash follows, the hash (16
/// bytes); the rest is the payload. Every length is checked before memory is taken.
/// </remarks>
[RegisterSerializer, RegisterCopier]
internal sealed class WeightChunkCodec : IFieldCodec<WeightChunk>, IDeepCopier<WeightChunk>
{
    private const int MaxNames = 16 << 10;
    private const int FixedBytes = sizeof(long) + sizeof(int) + 2;
    private const int HashBytes = 16;

    public void WriteField<TBufferWriter>(
        ref Writer<TBufferWriter> writer, uint fieldIdDelta, Type? expectedType, WeightChunk? value)
        where TBufferWriter : IBufferWriter<byte>
    {
        if (ReferenceCodec.TryWriteReferenceField(ref writer, fieldIdDelta, expectedType, value)) return;
        var names = value!.Parts.Length == 0
            ? []
            : Encoding.UTF8.GetBytes(string.Concat(value.Parts.Select(p => p + '\0')));
        var codec = value.Codec is null ? [] : Encoding.UTF8.GetBytes(value.Codec);
        if (codec.Length > WeightChunk.MaxCodecName) throw Refused($"names a codec in {codec.Length} bytes");
        var bytes = value.Bytes;
        writer.WriteFieldHeader(fieldIdDelta, expectedType, typeof(WeightChunk), WireType.LengthPrefixed);
        writer.WriteVarUInt32(
            (uint)(FixedBytes + names.Length + codec.Length + (value.Hash is null ? 0 : HashBytes) + bytes.Length));
        writer.WriteInt64(value.TotalBytes);
        writer.WriteInt32(names.Length);
        writer.Write(names);
        writer.WriteByte((byte)codec.Length);
        writer.Write(codec);
        writer.WriteByte(value.Hash is null ? (byte)0 : (byte)1);
        if (value.Hash is { } hash)
        {
            writer.WriteUInt64((ulong)(hash >> 64));
            writer.WriteUInt64((ulong)hash);
        }
        writer.Write(bytes);
    }

    public WeightChunk ReadValue<TInput>(ref Reader<TInput> reader, Field field)
    {
        if (field.WireType == WireType.Reference)
            return ReferenceCodec.ReadReference<WeightChunk, TInput>(ref reader, field)!;
        field.EnsureWireType(WireType.LengthPrefixed);
        var placeholder = ReferenceCodec.CreateRecordPlaceholder(reader.Session);
        long left = reader.ReadVarUInt32();
        if (left is < FixedBytes
            or > FixedBytes + MaxNames + WeightChunk.MaxCodecName + HashBytes + WeightChunk.MaxBytes)
            throw Refused($"is {left} bytes long");
        reader.EnsureAvailable((uint)left);
        var total = reader.ReadInt64();
        var nameBytes = reader.ReadInt32();
        left -= FixedBytes;
        if (nameBytes is < 0 or > MaxNames || nameBytes > left) throw Refused($"has {nameBytes} bytes of names");
        var parts = Names(reader.ReadBytes((uint)nameBytes));
        left -= nameBytes;
        var codecBytes = reader.ReadByte();
        if (codecBytes > WeightChunk.MaxCodecName || codecBytes > left)
            throw Refused($"names a codec in {codecBytes} bytes");
        var codec = codecBytes == 0 ? null : Encoding.UTF8.GetString(reader.ReadBytes(codecBytes));
        left -= codecBytes;
        UInt128? hash = null;
        if (reader.ReadByte() != 0)
        {
            if ((left -= HashBytes) < 0) throw Refused("ends within its hash");
            hash = new UInt128(reader.ReadUInt64(), reader.ReadUInt64());
        }
        if (left > WeightChunk.MaxBytes) throw Refused($"carries {left} bytes");
        var chunk = WeightChunk.Rent((int)left, total, parts, hash, codec, out var buffer);
        reader.ReadBytes(buffer);
        ReferenceCodec.RecordObject(reader.Session, chunk, placeholder);
        return chunk;
    }

    // immutable: callers on the silo share it
    public WeightChunk DeepCopy(WeightChunk? input, CopyContext context) => input!;

    private static string[] Names(byte[] bytes)
    {
        if (bytes.Length == 0) return [];
        if (bytes[^1] != 0 || bytes.AsSpan().Count((byte)0) > WeightChunk.MaxParts)
            throw Refused($"names {bytes.AsSpan().Count((byte)0)} vectors");
        return Encoding.UTF8.GetString(bytes.AsSpan(..^1)).Split('\0');
    }

    private static InvalidDataException Refused(string what) => new($"A chunk of weights {what}; it is refused.");
}
