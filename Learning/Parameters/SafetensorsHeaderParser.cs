using System.Text.Json;
using System.Text.Unicode;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Reads the JSON header of a safetensors file and believes none of it.</summary>
/// <param name="file">Name of the file in messages.</param>
internal sealed class SafetensorsHeaderParser(string file)
{
    private const int MaxDepth = 3; // header, tensor, shape
    private const int MaxDimensions = 16;
    private const int MaxShownName = 80;

    /// <summary>The header that the text describes.</summary>
    public SafetensorsHeader Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{') throw Refused("its header does not begin with '{'.");
        if (!Utf8.IsValid(json)) throw Refused("its header is not UTF-8.");
        try
        {
            return ReadHeader(json);
        }
        catch (JsonException e)
        {
            throw Refused($"its header is not the JSON expected: {e.Message}");
        }
        catch (InvalidOperationException e) // a string with half a surrogate pair
        {
            throw Refused($"its header holds a string that is no text: {e.Message}");
        }
    }

    /// <summary>The exception that refuses the file.</summary>
    public ExperimentException Refused(string reason) => new($"{file} is refused as a safetensors file: {reason}");

    /// <summary>A tensor's name as messages show it: quoted, and cut if it is long.</summary>
    public static string Quote(string name) =>
        name.Length <= MaxShownName ? $"'{name}'" : $"'{name[..MaxShownName]}…' ({name.Length} characters)";

    private SafetensorsHeader ReadHeader(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var names = new HashSet<string>(StringComparer.Ordinal);
        var tensors = new List<SafetensorsTensor>();
        IReadOnlyDictionary<string, string> metadata = new Dictionary<string, string>();
        reader.Read();
        while (NextName(ref reader) is { } name)
        {
            if (!names.Add(name)) throw Refused($"the name {Quote(name)} occurs twice.");
            if (name == Safetensors.MetadataName) metadata = ReadMetadata(ref reader);
            else tensors.Add(ReadTensor(ref reader, name));
        }
        reader.Read(); // throws on anything but white space after the object
        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        return new SafetensorsHeader(metadata, tensors, CheckTiling(tensors));
    }

    private Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, Safetensors.MetadataName);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        while (NextName(ref reader) is { } key)
        {
            Expect(ref reader, JsonTokenType.String, $"{Safetensors.MetadataName}.{key}");
            if (!metadata.TryAdd(key, reader.GetString() ?? ""))
                throw Refused($"the metadata name {Quote(key)} occurs twice.");
        }
        return metadata;
    }

    private SafetensorsTensor ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, name);
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        while (NextName(ref reader) is { } key)
        {
            if (key == "dtype" && dtype is null) dtype = ReadDtype(ref reader, name);
            else if (key == "shape" && shape is null) shape = ReadNumbers(ref reader, name, key);
            else if (key == "data_offsets" && offsets is null) offsets = ReadNumbers(ref reader, name, key);
            else throw Refused($"tensor {Quote(name)} has an unknown or repeated member {Quote(key)}.");
        }
        if (dtype is null || shape is null || offsets is not [var begin, var end])
            throw Refused($"tensor {Quote(name)} needs dtype, shape and data_offsets of two numbers.");
        CheckSize(name, dtype, shape, begin, end);
        return new SafetensorsTensor(name, dtype, shape, begin, end);
    }

    private string ReadDtype(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.String, name);
        var dtype = reader.GetString() ?? "";
        return Safetensors.SizeOf(dtype) > 0
            ? dtype : throw Refused($"tensor {Quote(name)} has the unknown dtype {Quote(dtype)}.");
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, string member)
    {
        Expect(ref reader, JsonTokenType.StartArray, name);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || number < 0)
                throw Refused($"tensor {Quote(name)}: {member} expects whole numbers from 0 to 2^63 - 1.");
            if (numbers.Count == MaxDimensions)
                throw Refused($"tensor {Quote(name)}: {member} has more than {MaxDimensions} numbers.");
            numbers.Add(number);
        }
        return numbers;
    }

    private void CheckSize(string name, string dtype, List<long> shape, long begin, long end)
    {
        UInt128 bytes = (UInt128)Safetensors.SizeOf(dtype);
        foreach (var size in shape)
        {
            bytes *= (UInt128)size; // both factors are below 2^63: no overflow
            if (bytes > long.MaxValue) throw Refused($"tensor {Quote(name)}: its shape overflows.");
        }
        if (end < begin || (UInt128)(end - begin) != bytes)
        {
            throw Refused($"tensor {Quote(name)}: {dtype} [{string.Join(", ", shape)}] takes {bytes} bytes, " +
                $"but its data_offsets are {begin} to {end}.");
        }
    }

    private long CheckTiling(List<SafetensorsTensor> tensors)
    {
        var next = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin != next)
            {
                throw Refused($"tensor {Quote(tensor.Name)}: its data begin at {tensor.Begin}, expected {next}; " +
                    "tensors must follow each other without gap or overlap.");
            }
            next = tensor.End;
        }
        return next;
    }

    private static string? NextName(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string name)
    {
        reader.Read();
        if (reader.TokenType != type)
            throw Refused($"{Quote(name)}: expected JSON {type}, found {reader.TokenType}.");
    }
}
