using System.Text.Json;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>The JSON of a manifest: one line, blobs in a table, nodes as arrays that refer to it.</summary>
internal static class CheckpointManifestJson
{
    private const int None = -1;
    private const int FixedParts = 6;
    private const int MostParts = FixedParts + (2 * 64);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <summary>Writes a manifest.</summary>
    public static void Write(CheckpointManifest manifest, Stream stream)
    {
        var table = new BlobTable();
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteNumber("version", CheckpointManifest.Version);
        json.WriteString("run", manifest.Run);
        json.WriteString("experiment", manifest.Experiment);
        json.WriteNumber("round", manifest.Round);
        json.WriteStartArray("nodes");
        foreach (var node in manifest.Nodes) Write(json, node, table);
        json.WriteEndArray();
        json.WriteStartArray("blobs");
        foreach (var blob in table.Blobs)
        {
            json.WriteStringValue(blob.Sha256);
            json.WriteNumberValue(blob.Length);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a manifest; anything that is not quite one throws.</summary>
    public static CheckpointManifest Read(ReadOnlyMemory<byte> text)
    {
        using var document = JsonDocument.Parse(text, Strict);
        var root = document.RootElement;
        var version = root.GetProperty("version").GetInt32();
        if (version != CheckpointManifest.Version) throw new FormatException($"its version is {version}");
        var blobs = ReadBlobs(root.GetProperty("blobs"));
        var nodes = new List<NodeSnapshot>();
        foreach (var node in root.GetProperty("nodes").EnumerateArray()) nodes.Add(ReadNode(node, blobs));
        if (nodes.Select(n => n.Node).Distinct().Count() != nodes.Count)
            throw new FormatException("a node is there twice");
        return new CheckpointManifest(Text(root, "run"), Text(root, "experiment"),
            root.GetProperty("round").GetInt32(), nodes);
    }

    private static string Text(JsonElement root, string name) =>
        root.GetProperty(name).GetString() ?? throw new FormatException($"its '{name}' is null");

    private static void Write(Utf8JsonWriter json, NodeSnapshot node, BlobTable table)
    {
        json.WriteStartArray();
        json.WriteNumberValue(node.Node);
        json.WriteNumberValue(node.Round);
        json.WriteNumberValue(table.IndexOf(node.Weights));
        json.WriteNumberValue(node.Steps);
        json.WriteNumberValue(node.First is { } first ? table.IndexOf(first) : None);
        json.WriteNumberValue(node.Second is { } second ? table.IndexOf(second) : None);
        foreach (var (name, blob) in node.Memory)
        {
            json.WriteStringValue(name);
            json.WriteNumberValue(table.IndexOf(blob));
        }
        json.WriteEndArray();
    }

    private static List<BlobRef> ReadBlobs(JsonElement array)
    {
        var blobs = new List<BlobRef>();
        string? name = null;
        foreach (var value in array.EnumerateArray())
        {
            if (name is null)
            {
                name = value.GetString();
                if (!BlobName.IsValid(name)) throw new FormatException("a blob has no SHA-256 for its name");
                continue;
            }
            var length = value.GetInt32();
            if (length is < 0 or > BlobRef.MaxLength) throw new FormatException($"a blob has {length} values");
            blobs.Add(new BlobRef(name, length));
            name = null;
        }
        return name is null ? blobs : throw new FormatException("a blob has no length");
    }

    private static NodeSnapshot ReadNode(JsonElement node, List<BlobRef> blobs)
    {
        var length = node.GetArrayLength();
        if (length is < FixedParts or > MostParts || length % 2 != 0)
            throw new FormatException($"a node has {length} parts");
        var memory = new SortedDictionary<string, BlobRef>(StringComparer.Ordinal);
        for (var i = FixedParts; i < length; i += 2)
            memory.Add(node[i].GetString() ?? throw new FormatException("a vector has no name"),
                Blob(node[i + 1], blobs));
        return new NodeSnapshot(node[0].GetInt32(), node[1].GetInt32(), Blob(node[2], blobs), memory,
            node[3].GetInt64(), Maybe(node[4], blobs), Maybe(node[5], blobs));
    }

    private static BlobRef? Maybe(JsonElement index, List<BlobRef> blobs) =>
        index.GetInt32() == None ? null : Blob(index, blobs);

    private static BlobRef Blob(JsonElement index, List<BlobRef> blobs) =>
        index.GetInt32() is var i && i >= 0 && i < blobs.Count
            ? blobs[i]
            : throw new FormatException($"there is no blob {i}");

    private sealed class BlobTable
    {
        private readonly Dictionary<BlobRef, int> _indices = [];

        public List<BlobRef> Blobs { get; } = [];

        public int IndexOf(BlobRef blob)
        {
            if (_indices.TryGetValue(blob, out var index)) return index;
            Blobs.Add(blob);
            return _indices[blob] = Blobs.Count - 1;
        }
    }
}
