using System.Buffers.Binary;
using System.IO.Compression;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Datasets;

/// <summary>A data file read from front to back, inflated on the way if its content is gzip.</summary>
/// <remarks>
/// Nobody asks it for more bytes than a format promises, so a gzip bomb is never inflated beyond that. A gzip file is
/// one member and nothing behind it; its last four bytes give its length, without which a cut would pass unseen: the
/// runtime's inflater takes the end of a file for the end of the content.
/// </remarks>
internal sealed class DataFile : IDisposable
{
    private const long LargestFile = 4L << 30;

    private readonly string _path;
    private readonly string _dataset;
    private readonly bool _gzip;
    private readonly Stream _stream;

    private DataFile(string path, string dataset)
    {
        _path = path;
        _dataset = dataset;
        _stream = UserFile.Open(path, LargestFile, m => new ExperimentException(m));
        Span<byte> start = stackalloc byte[2];
        _gzip = _stream.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        Length = _gzip ? InflatedLength(_stream) : _stream.Length;
        _stream.Position = 0;
        if (_gzip) _stream = new GZipStream(_stream, CompressionMode.Decompress);
    }

    /// <summary>Bytes read so far, counted after inflating.</summary>
    public long Offset { get; private set; }

    /// <summary>Length of the content; if it is gzip, what the file claims (modulo 4 GiB).</summary>
    public long Length { get; }

    /// <summary>The path of a file that lies in a folder plain or as gzip; null if it does not.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name without <c>.gz</c>.</param>
    public static string? Find(string folder, string name) =>
        new[] { name, name + ".gz" }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists);

    /// <summary>Opens a file that lies in a folder plain or as gzip.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">Name without <c>.gz</c>.</param>
    /// <param name="dataset">Name of the dataset, for the remedy in error messages.</param>
    public static DataFile Open(string folder, string name, string dataset)
    {
        var path = Find(folder, name) ?? Path.Combine(folder, name);
        return new DataFile(path, dataset);
    }

    /// <summary>Fills a buffer; returns how much of it, less than all only at the end of the content.</summary>
    /// <param name="buffer">What is filled.</param>
    public int Read(Span<byte> buffer)
    {
        try
        {
            var count = _stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            Offset += count;
            return count;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Invalid(Offset, "readable content", $"an error ({e.Message})");
        }
    }

    /// <summary>Fills a buffer, or says how much is missing.</summary>
    /// <param name="buffer">What is filled.</param>
    /// <param name="what">What the bytes are.</param>
    public void ReadExactly(Span<byte> buffer, string what)
    {
        var start = Offset;
        var count = Read(buffer);
        if (count < buffer.Length)
            throw Invalid(start, $"{buffer.Length} bytes of {what}", $"the end of the file after {count}");
    }

    /// <summary>Demands that the content ends here.</summary>
    public void ReadEnd()
    {
        var end = Offset;
        if (Read(stackalloc byte[1]) > 0) throw Invalid(end, "the end of the file", "more bytes");
        if (Length != end) throw WrongLength(end);
    }

    /// <summary>An exception that says that there is more or less in the file than there must be.</summary>
    /// <param name="expected">How many bytes there must be.</param>
    public ExperimentException WrongLength(long expected)
    {
        if (!_gzip || IsLonger(expected))
            return Invalid(Math.Min(Length, expected), $"{expected} bytes in all", $"{Length}");
        // What a file that was cut off has in the place of its length says nothing.
        return Invalid(0, $"{expected} bytes in all",
            "a gzip file that does not end with that length: it was cut off, or is another one");
    }

    private bool IsLonger(long expected)
    {
        if (Length <= expected) return false;
        var skipped = new byte[1 << 16];
        while (Offset <= expected)
            if (Read(skipped.AsSpan(0, (int)Math.Min(skipped.Length, expected + 1 - Offset))) == 0) return false;
        return true;
    }

    /// <summary>An exception that says what is wrong where.</summary>
    /// <param name="offset">Offset of the surprise, counted after inflating.</param>
    /// <param name="expected">What the format promises.</param>
    /// <param name="found">What is there.</param>
    public ExperimentException Invalid(long offset, string expected, string found) => new(
        $"{_path}, offset {offset}{(_gzip ? " after inflating" : "")}: expected {expected}, found {found}; " +
        $"put a good copy there ('flctl data get {_dataset}' fetches one).");

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static long InflatedLength(Stream gzip)
    {
        Span<byte> length = stackalloc byte[4];
        gzip.Position = Math.Max(0, gzip.Length - length.Length);
        gzip.ReadAtLeast(length, length.Length, throwOnEndOfStream: false);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }
}
