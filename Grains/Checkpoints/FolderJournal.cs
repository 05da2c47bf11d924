using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>
/// The file of a journal: lines with checksums. Reads what can be trusted, and overwrites what cannot.
/// </summary>
internal static class FolderJournal
{
    private const int Buffer = 256 << 10;

    /// <summary>The lines that can be trusted; none if there is no file.</summary>
    public static (List<string> Lines, string? ValidationError) Read(string path)
    {
        var lines = new List<string>();
        var (_, error) = Scan(path, frame => lines.Add(Encoding.UTF8.GetString(frame[JournalLine.Overhead..])));
        return (lines, error);
    }

    /// <summary>
    /// Bytes of the lines that can be trusted, and why the others cannot; a cut last line is no error.
    /// </summary>
    public static (long Length, string? ValidationError) Measure(string path) => Scan(path, _ => { });

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
    public static long Append(string path, long end, string line)
    {
        byte[] bytes = [.. JournalLine.Frame(line), (byte)'\n'];
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
        return end + bytes.Length;
    }

    private delegate void Each(ReadOnlySpan<byte> frame);

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);

    private static (long Length, string? ValidationError) Scan(string path, Each each)
    {
        if (!File.Exists(path)) return (0, null);
        using var stream = Open(path);
        var buffer = new byte[Buffer];
        var (good, kept, count) = (0L, 0, 0);
        while (true)
        {
            var read = stream.Read(buffer, kept, buffer.Length - kept);
            if (read == 0) return (good, null); // a line without its end was cut by a kill, or is being written
            var filled = buffer.AsSpan(0, kept + read);
            int end;
            for (var fresh = kept; (end = filled[fresh..].IndexOf((byte)'\n')) >= 0; fresh = 0)
            {
                end += fresh;
                count++;
                if (!JournalLine.IsSound(filled[..end]))
                    return (good, Damaged(path, count, "its checksum does not fit"));
                each(filled[..end]);
                good += end + 1;
                filled = filled[(end + 1)..];
            }
            kept = filled.Length;
            if (kept > JournalLine.MaxBytes)
                return (good, Damaged(path, count + 1, $"it has more than {JournalLine.MaxBytes} bytes"));
            var next = kept > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
            filled.CopyTo(next);
            buffer = next;
        }
    }

    private static string Damaged(string path, int line, string reason) =>
        $"{path} is damaged in line {line}: {reason}. It and the lines after it are left out.";
}
