using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// A file of values that wait to be read again. It has no name in its folder where the system allows that, and goes
/// with the process.
/// </summary>
/// <remarks>
/// Thread-safe. Room of a vector that nobody holds any more is used again for another one of its length.
/// </remarks>
internal sealed class SpillFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Stack<long>> _free = [];
    private readonly Action<ParameterVector> _recalled;
    private readonly string _path;
    private readonly SafeFileHandle _file;
    private long _end;

    /// <summary>Makes the file.</summary>
    /// <param name="folder">Folder on the disk that is to hold it; made if it is not there.</param>
    /// <param name="recalled">Called with each vector that was read back.</param>
    public SpillFile(string folder, Action<ParameterVector> recalled)
    {
        _recalled = recalled;
        _path = Path.Combine(OwnFile.MakeFolder(folder),
            $".vectors-{Environment.ProcessId}-{Guid.NewGuid():N}");
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            FileOptions.DeleteOnClose);
        // the open file stays, and leaves nothing behind when the process is killed
        if (!OperatingSystem.IsWindows()) File.Delete(_path);
    }

    /// <summary>Writes values; their room is free again when the vector is gone.</summary>
    /// <param name="vector">Whose they are.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public SpilledValues Write(ParameterVector vector, float[] values)
    {
        var offset = Take(vector.Length);
        try
        {
            RandomAccess.Write(_file, MemoryMarshal.AsBytes(values.AsSpan()), offset);
        }
        catch
        {
            Free(vector.Length, offset);
            throw;
        }
        return new SpilledValues(this, offset, vector.Length);
    }

    /// <summary>Reads values.</summary>
    /// <param name="offset">Where they begin.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public float[] Read(long offset, int length)
    {
        var values = FloatPool.Of(length);
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        for (var done = 0; done < bytes.Length;)
        {
            var read = RandomAccess.Read(_file, bytes[done..], offset + done);
            if (read == 0) throw new IOException($"{_path} ends where values of a node should be: the disk lost them.");
            done += read;
        }
        return values;
    }

    /// <summary>Says that a vector is in memory again.</summary>
    /// <param name="vector">The vector.</param>
    public void Recalled(ParameterVector vector) => _recalled(vector);

    /// <summary>Gives room back.</summary>
    /// <param name="length">Number of values.</param>
    /// <param name="offset">Where they began.</param>
    public void Free(int length, long offset)
    {
        lock (_lock)
        {
            if (!_free.TryGetValue(length, out var places)) _free[length] = places = new Stack<long>();
            places.Push(offset);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long Take(int length)
    {
        lock (_lock)
        {
            if (_free.TryGetValue(length, out var places) && places.TryPop(out var place)) return place;
            place = _end;
            _end += sizeof(float) * (long)length;
            return place;
        }
    }
}

/// <summary>Where the values of a vector are on disk; its room is free again when nobody holds the vector.</summary>
/// <param name="file">The file.</param>
/// <param name="offset">First byte.</param>
/// <param name="length">Number of values.</param>
internal sealed class SpilledValues(SpillFile file, long offset, int length)
{
    /// <summary>The file.</summary>
    public SpillFile File => file;

    /// <summary>Gives the room back.</summary>
    ~SpilledValues() => file.Free(length, offset);

    /// <summary>Reads the values.</summary>
    /// <param name="count">How many.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public float[] Read(int count)
    {
        var values = file.Read(offset, count);
        GC.KeepAlive(this); // the room must not be another's while it is read
        return values;
    }
}
