using System.Text;

namespace Orleans.FL.Learning.Records;

/// <summary>A text file that only grows, line by line. Safe to use from several threads.</summary>
internal sealed class LineFile : IDisposable
{
    private const int Buffer = 64 << 10;

    private readonly Lock _lock = new();
    private readonly StreamWriter _writer;

    /// <summary>Begins the file, with a first line if one is given; it must not exist.</summary>
    public LineFile(string path, string? header = null)
        : this(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, Buffer))
    {
        if (header is null) return;
        Append(header);
        Flush();
    }

    private LineFile(FileStream stream) =>
        _writer = new StreamWriter(stream, new UTF8Encoding(false), Buffer) { NewLine = "\n" };

    /// <summary>Goes on with a file, or begins it.</summary>
    public static LineFile Continue(string path) =>
        new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, Buffer));

    /// <summary>Adds a line; it may stay in memory until <see cref="Flush"/>.</summary>
    public void Append(string line)
    {
        lock (_lock) _writer.WriteLine(line);
    }

    /// <summary>Hands every line to the operating system: what it has, the death of this process cannot take.</summary>
    public void Flush()
    {
        lock (_lock) _writer.Flush();
    }

    /// <summary>Adds a line and hands it to the operating system.</summary>
    public void AppendNow(string line)
    {
        lock (_lock)
        {
            _writer.WriteLine(line);
            _writer.Flush();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            lock (_lock) _writer.Dispose();
        }
        catch (IOException)
        {
            // Lines that could not be handed over before; whoever added them has been told. The file is closed.
        }
    }
}
