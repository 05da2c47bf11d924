using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Reads and writes weights as safetensors, the format that any Python user can open.</summary>
/// <remarks>
/// <para>
/// Tensors have their state-dict names. What a layout's vector does not hold, its integer counters, is written as I64
/// scalars of value 0, so that a strict <c>load_state_dict</c> succeeds; their values are not read.
/// </para>
/// <para>
/// Counters come first, floats after them, each sorted by name (ordinal): wider elements first keeps data aligned, and
/// it is the order of the format's reference implementation. Equal weights are equal bytes. A file so written is
/// reproduced byte for byte by reading it and writing what was read with the same metadata.
/// </para>
/// </remarks>
public static partial class Safetensors
{
    /// <summary>Longest header that is read, in bytes.</summary>
    public const int MaxHeaderLength = 16 << 20;

    internal const string MetadataName = "__metadata__";
    private const int LengthPrefix = 8;
    private const int Chunk = 64 << 10;

    /// <summary>Reads the weights of a known layout, and nothing else.</summary>
    /// <param name="stream">The file, at its beginning; read to its end.</param>
    /// <param name="expected">Names and shapes that the file must have, no more and no less.</param>
    /// <param name="nonFinite">What to do about infinite values and NaN.</param>
    /// <exception cref="ExperimentException">
    /// The file is not safetensors, is cut short, has bytes left over, or holds other tensors than expected.
    /// </exception>
    public static ParameterVector Read(
        Stream stream, ParameterLayout expected, NonFinite nonFinite = NonFinite.Refuse)
    {
        var header = ReadHeader(stream);
        var parser = new SafetensorsHeaderParser(NameOf(stream));
        var slices = Match(header, expected, parser);
        var values = new float[expected.Length];
        Span<byte> counter = stackalloc byte[sizeof(long)];
        foreach (var (tensor, slice) in slices)
        {
            var target = slice is null ? counter : BytesOf(values.AsSpan(slice.Offset, slice.Length));
            var found = stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
            if (found < target.Length)
            {
                throw parser.Refused($"tensor {SafetensorsHeaderParser.Quote(tensor.Name)} is cut short: " +
                    $"expected {target.Length} bytes, found {found}.");
            }
        }
        if (stream.ReadByte() >= 0) throw parser.Refused($"bytes follow its {header.DataLength} bytes of data.");
        if (nonFinite == NonFinite.Refuse) CheckFinite(values, expected, parser);
        return ParameterVector.Own(values);
    }

    /// <summary>Reads the weights of a known layout from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">Names and shapes that the file must have, no more and no less.</param>
    /// <param name="nonFinite">What to do about infinite values and NaN.</param>
    /// <exception cref="ExperimentException">The file cannot be opened, or is not what is expected.</exception>
    public static ParameterVector ReadFile(
        string path, ParameterLayout expected, NonFinite nonFinite = NonFinite.Refuse)
    {
        using var stream = Open(path);
        return Read(stream, expected, nonFinite);
    }

    /// <summary>
    /// Reads names, types and shapes of any safetensors file; leaves the stream at the first byte of data.
    /// </summary>
    /// <param name="stream">The file, at its beginning.</param>
    /// <exception cref="ExperimentException">
    /// The header is not what the format allows, or the file's size is not what it says.
    /// </exception>
    public static SafetensorsHeader ReadHeader(Stream stream)
    {
        var parser = new SafetensorsHeaderParser(NameOf(stream));
        Span<byte> prefix = stackalloc byte[LengthPrefix];
        var found = stream.ReadAtLeast(prefix, LengthPrefix, throwOnEndOfStream: false);
        if (found < LengthPrefix) throw parser.Refused($"expected 8 bytes of header length, found {found}.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderLength)
            throw parser.Refused($"its header length is {length} bytes; at most {MaxHeaderLength} are read.");
        var header = parser.Parse(ReadText(stream, (int)length, parser));
        if (stream.CanSeek && stream.Length - stream.Position is var rest && rest != header.DataLength)
            throw parser.Refused($"its header describes {header.DataLength} bytes of data, found {rest}.");
        return header;
    }

    /// <summary>Bytes an element takes; 0 if the type is not known.</summary>
    internal static int SizeOf(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" or "C64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" => 1,
        _ => 0,
    };

    // Memory grows with what is really there, not with what the length claims.
    private static byte[] ReadText(Stream stream, int length, SafetensorsHeaderParser parser)
    {
        var text = new byte[Math.Min(length, Chunk)];
        for (var read = 0; read < length;)
        {
            if (read == text.Length) Array.Resize(ref text, (int)Math.Min(length, 2L * text.Length));
            var more = stream.Read(text, read, text.Length - read);
            if (more == 0) throw parser.Refused($"expected {length} bytes of header, found {read}.");
            read += more;
        }
        return text;
    }

    private static List<(SafetensorsTensor Tensor, ParameterSlice? Slice)> Match(
        SafetensorsHeader header, ParameterLayout expected, SafetensorsHeaderParser parser)
    {
        var wanted = Entries(expected).ToDictionary(e => e.Tensor.Name, StringComparer.Ordinal);
        var slices = new List<(SafetensorsTensor, ParameterSlice?)>(header.Tensors.Count);
        foreach (var found in header.Tensors)
        {
            if (!wanted.Remove(found.Name, out var entry))
                throw parser.Refused($"tensor {SafetensorsHeaderParser.Quote(found.Name)} is not one of the model's.");
            if (found.Dtype != entry.Tensor.Dtype || !found.Shape.SequenceEqual(entry.Tensor.Shape))
            {
                throw parser.Refused($"tensor {SafetensorsHeaderParser.Quote(found.Name)}: " +
                    $"expected {Describe(entry.Tensor)}, found {Describe(found)}.");
            }
            slices.Add((found, entry.Slice));
        }
        if (wanted.Values.FirstOrDefault().Tensor is { } missing)
            throw parser.Refused($"expected tensor '{missing.Name}', {Describe(missing)}, but it is not there.");
        return slices;
    }

    private static void CheckFinite(float[] values, ParameterLayout layout, SafetensorsHeaderParser parser)
    {
        foreach (var slice in layout.Slices)
        {
            var tensor = values.AsSpan(slice.Offset, slice.Length);
            for (var i = 0; i < tensor.Length; i++)
            {
                if (float.IsFinite(tensor[i])) continue;
                throw parser.Refused(
                    $"tensor '{slice.Name}' at index {i}: expected a finite number, found {tensor[i]}.");
            }
        }
    }

    private static string Describe(SafetensorsTensor tensor) => $"{tensor.Dtype} [{string.Join(", ", tensor.Shape)}]";

    private static string NameOf(Stream stream) => stream is FileStream file ? file.Name : "The stream";

    private static FileStream Open(string path) =>
        UserFile.Open(path, long.MaxValue, m => new ExperimentException(m), Chunk);

    // Vectors are little-endian in memory wherever libtorch runs.
    private static Span<byte> BytesOf(Span<float> values) => BitConverter.IsLittleEndian
        ? MemoryMarshal.AsBytes(values)
        : throw new PlatformNotSupportedException("Safetensors needs a little-endian machine.");
}
