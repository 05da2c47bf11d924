using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>
/// The file of a journal: lines with checksums. Reads what can be trusted, and overwrites what cannot.
/// </summary>
internal static class FolderJournal
{
    private const int Buffer = 256 << 10;

    /// <summary>The lines that can be trusted, and why the others cannot; none if there is no file.</summary>
    public static (List<string> Lines, string? Error) Read(string path)
    {
        var lines = new List<string>();
        var (_, reader) = Scan(path, line => lines.Add(Encoding.UTF8.GetString(line)));
        return (lines, reader.Describe(path));
    }

    /// <summary>
    /// Where the lines end that can be trusted, and why the others cannot; a cut last line is no error.
    /// </summary>
    public static (FileEnd End, string? Error) Measure(string path)
    {
        var (length, reader) = Scan(path, _ => { });
        return (new FileEnd(length, reader.End), reader.Describe(path));
    }

    /// <summary>
    /// Writes a copy that holds the first bytes only: a new file, even if another process has the old one open.
    /// </summary>
    public static void Renew(string path, long length) => AtomicFile.Write(path, target =>
    {
        if (length == 0) return;
        using var source = Open(path);
        var buffer = new byte[Buffer];
        for (var rest = length; rest > 0;)
        {
            var read = source.Read(buffer, 0, (int)Math.Min(rest, buffer.Length));
            if (read == 0) throw new EndOfStreamException($"{path} became shorter while it was copied.");
            target.Write(buffer, 0, read);
            rest -= read;
        }
    });

    /// <summary>
    /// Writes a line where the trusted ones end, over whatever is there; nothing of it stays if that fails.
    /// </summary>
    /// <returns>Where the trusted lines end now.</returns>
    public static FileEnd Append(string path, FileEnd at, string line)
    {
        var (frame, after) = JournalLine.Frame(line, at.Journal);
        byte[] bytes = [.. frame, (byte)'\n'];
        var end = at.Bytes;
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete);
        if (RandomAccess.GetLength(file) != end) RandomAccess.SetLength(file, end);
        try
        {
            RandomAccess.Write(file, bytes, end);
            RandomAccess.FlushToDisk(file);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, end);
            throw;
        }
        return new FileEnd(end + bytes.Length, after);
    }

    private delegate void Each(ReadOnlySpan<byte> line);

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    private static (long Length, JournalReader Reader) Scan(string path, Each each)
    {
        var reader = new JournalReader();
        if (!File.Exists(path)) return (0, reader);
        using var stream = Open(path);
        var buffer = new byte[Buffer];
        var (good, kept) = (0L, 0);
        while (true)
        {
            var read = stream.Read(buffer, kept, buffer.Length - kept);
            if (read == 0) return (good, reader); // a line without its end was cut by a kill, or is being written
            var filled = buffer.AsSpan(0, kept + read);
            int end;
            for (var fresh = kept; (end = filled[fresh..].IndexOf((byte)'\n')) >= 0; fresh = 0)
            {
                end += fresh;
                if (!reader.Take(filled[..end], out var line)) return (good, reader);
                each(line);
                good += end + 1;
                filled = filled[(end + 1)..];
            }
            kept = filled.Length;
            if (kept > JournalLine.MaxBytes)
            {
                reader.Refuse($"it has more than {JournalLine.MaxBytes} bytes");
                return (good, reader);
            }
            var next = kept > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
            filled.CopyTo(next);
            buffer = next;
        }
    }

    /// <summary>Where the trusted lines of a file end.</summary>
    /// <param name="Bytes">Bytes up to there.</param>
    /// <param name="Journal">The last of them.</param>
    public readonly record struct FileEnd(long Bytes, JournalEnd Journal);
}
