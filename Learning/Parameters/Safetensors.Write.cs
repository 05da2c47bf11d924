using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Parameters;

public static partial class Safetensors
{
    private const int Alignment = 8;

    /// <summary>Writes weights under their state-dict names.</summary>
    /// <param name="stream">Where to; need not be seekable.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="layout">What their values mean.</param>
    /// <param name="metadata">Free texts by name, written sorted by name; null for none.</param>
    /// <exception cref="ArgumentException">The vector is not of that layout.</exception>
    public static void Write(Stream stream, ParameterVector weights, ParameterLayout layout,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (weights.Length != layout.Length)
            throw new ArgumentException($"The vector has {weights.Length} values, its layout {layout.Length}.");
        var entries = Entries(layout);
        WriteHeader(stream, entries, metadata);
        Span<byte> counter = stackalloc byte[sizeof(long)];
        counter.Clear();
        foreach (var (_, slice) in entries)
            stream.Write(slice is null ? counter : BytesOf(weights.Span.Slice(slice.Offset, slice.Length)));
    }

    /// <summary>Writes a weights file so that its path never names half a file.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="layout">What their values mean.</param>
    /// <param name="metadata">Free texts by name; null for none.</param>
    public static void WriteFile(string path, ParameterVector weights, ParameterLayout layout,
        IReadOnlyDictionary<string, string>? metadata = null) =>
        AtomicFile.Write(path, stream => Write(stream, weights, layout, metadata));

    private static void WriteHeader(Stream stream, List<(SafetensorsTensor Tensor, ParameterSlice? Slice)> entries,
        IReadOnlyDictionary<string, string>? metadata)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(stackalloc byte[LengthPrefix]);
        using (var json = new Utf8JsonWriter(text, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 }) WriteMetadata(json, metadata);
            foreach (var (tensor, _) in entries) WriteTensor(json, tensor);
            json.WriteEndObject();
        }
        while (text.WrittenCount % Alignment != 0) text.Write(" "u8);
        var header = text.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - LengthPrefix));
        stream.Write(header);
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject(MetadataName);
        foreach (var (key, value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal)) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, SafetensorsTensor tensor)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Dtype);
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(tensor.Begin);
        json.WriteNumberValue(tensor.End);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static List<(SafetensorsTensor Tensor, ParameterSlice? Slice)> Entries(ParameterLayout layout)
    {
        var entries = new List<(SafetensorsTensor, ParameterSlice?)>();
        var offset = 0L;
        foreach (var name in layout.Counters.Order(StringComparer.Ordinal)) Add(name, "I64", [], sizeof(long), null);
        foreach (var slice in layout.Slices.OrderBy(s => s.Name, StringComparer.Ordinal))
            Add(slice.Name, "F32", [.. slice.Shape.Select(d => (long)d)], sizeof(float) * (long)slice.Length, slice);
        return entries;

        void Add(string name, string dtype, long[] shape, long bytes, ParameterSlice? slice)
        {
            entries.Add((new SafetensorsTensor(name, dtype, shape, offset, offset + bytes), slice));
            offset += bytes;
        }
    }

    private static ReadOnlySpan<byte> BytesOf(ReadOnlySpan<float> values) => BitConverter.IsLittleEndian
        ? MemoryMarshal.AsBytes(values)
        : throw new PlatformNotSupportedException("Safetensors needs a little-endian machine.");
}
