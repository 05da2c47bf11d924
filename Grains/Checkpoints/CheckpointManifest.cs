using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orleans.FL.Grains.Interfaces;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>
/// What a commit holds: the state of all nodes of a run at the end of a round, by the names of blobs.
/// </summary>
/// <remarks>
/// A line of JSON and a line with its SHA-256. Each blob is named once, in a table; nodes refer to it by its index, so
/// that 10,000 nodes that share their weights take about 200 kB.
/// </remarks>
/// <param name="Run">Run id.</param>
/// <param name="Experiment">Hash of the experiment.</param>
/// <param name="Round">Rounds done.</param>
/// <param name="Nodes">The nodes' states, by rank.</param>
public sealed record CheckpointManifest(string Run, string Experiment, int Round, IReadOnlyList<NodeSnapshot> Nodes)
{
    /// <summary>The longest manifest that is read, in bytes.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>The version that is written and read.</summary>
    public const int Version = 1;

    private static ReadOnlySpan<byte> DigestLabel => "sha256 "u8;

    /// <summary>Names of all blobs that it needs.</summary>
    public IEnumerable<string> Blobs => Nodes.SelectMany(n => n.Blobs()).Select(b => b.Sha256).Distinct();

    /// <summary>The manifest as it is stored.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        CheckpointManifestJson.Write(this, stream);
        stream.WriteByte((byte)'\n');
        var digest = Digest(stream.GetBuffer().AsSpan(0, (int)stream.Length));
        stream.Write(digest);
        return stream.Length <= MaxBytes
            ? stream.ToArray()
            : throw new CheckpointException(
                $"The manifest of run '{Run}' has {stream.Length} bytes; at most {MaxBytes} can be stored.");
    }

    /// <summary>Reads a manifest, and refuses one that is torn, damaged or of something else.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> gave; may be anything.</param>
    /// <param name="run">The run that it must be of.</param>
    /// <param name="experiment">Hash of the experiment that it must be of.</param>
    /// <param name="round">The rounds that it must be after.</param>
    /// <exception cref="DamagedCheckpointException">Says what is wrong with it.</exception>
    public static CheckpointManifest Parse(ReadOnlySpan<byte> bytes, string run, string experiment, int round)
    {
        var json = Verified(bytes);
        CheckpointManifest manifest;
        try
        {
            manifest = CheckpointManifestJson.Read(json.ToArray());
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new DamagedCheckpointException(
                $"it is no manifest of version {Version}: {e.Message.TrimEnd('.')}", e);
        }
        if (manifest.Run != run) throw new DamagedCheckpointException($"it is of run '{Shown(manifest.Run)}'");
        if (manifest.Experiment != experiment)
            throw new DamagedCheckpointException(
                $"it is of another experiment, {Shown(manifest.Experiment)} instead of {experiment}");
        if (manifest.Round != round) throw new DamagedCheckpointException($"it is of round {manifest.Round}");
        return manifest;
    }

    private static ReadOnlySpan<byte> Verified(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            throw new DamagedCheckpointException($"it has {bytes.Length} bytes; at most {MaxBytes} are read");
        if (bytes.IsEmpty) throw new DamagedCheckpointException("it is empty");
        if (bytes[^1] != '\n' || bytes.IndexOf((byte)'\n') is var end && end == bytes.Length - 1)
            throw new DamagedCheckpointException("it is cut: its end is missing");
        return bytes[(end + 1)..].SequenceEqual(Digest(bytes[..(end + 1)]))
            ? bytes[..end]
            : throw new DamagedCheckpointException("it is damaged: its SHA-256 does not fit");
    }

    private static byte[] Digest(ReadOnlySpan<byte> content) =>
        [.. DigestLabel, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content))), (byte)'\n'];

    private static string Shown(string text) => text.Length <= 128 ? text : text[..128] + "…";
}
