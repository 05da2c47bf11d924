using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Orleans.FL.Learning.Records.TensorBoard;

/// <summary>One number of a TensorBoard event.</summary>
/// <param name="Tag">Name of the curve; what stands before its first slash groups curves.</param>
/// <param name="Value">The value; TensorBoard keeps it as float32.</param>
public readonly record struct Scalar(string Tag, float Value);

/// <summary>An event file that TensorBoard reads: scalars by tag and step. Safe to use from several threads.</summary>
/// <remarks>
/// A sequence of TFRecords (length, its masked CRC-32C, data, their masked CRC-32C), each an <c>Event</c> protocol
/// buffer; the first says the version. The file is never rewritten: a reader may follow it while it grows.
/// </remarks>
public sealed class TensorBoardFile : IDisposable
{
    private const int Buffer = 64 << 10;
    private const int LengthBytes = 8;
    private const int CrcBytes = 4;

    private readonly Lock _lock = new();
    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _event = new();

    private TensorBoardFile(FileStream stream, TimeProvider time)
    {
        _stream = stream;
        _time = time;
        TensorBoardEvent.WriteVersion(_event, Now);
        WriteRecord();
        Flush();
    }

    /// <summary>Full path of the file.</summary>
    public string Path => _stream.Name;

    private double Now => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Begins a new event file; TensorBoard joins all those of one folder.</summary>
    /// <param name="folder">The folder; made if it does not exist.</param>
    /// <param name="time">Gives the events their wall times.</param>
    public static TensorBoardFile Create(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        var host = string.Concat(
            Environment.MachineName.Select(c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'));
        var name = $"events.out.tfevents.{time.GetUtcNow().ToUnixTimeSeconds():D10}.{host}.{Environment.ProcessId}";
        for (var i = 0; ; i++)
        {
            var path = System.IO.Path.Combine(folder, $"{name}.{i}");
            if (File.Exists(path)) continue;
            var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write,
                FileShare.Read | FileShare.Delete, Buffer);
            return new TensorBoardFile(stream, time);
        }
    }

    /// <summary>Adds one event with the scalars of a step; nothing if there are none.</summary>
    /// <param name="step">The step, here the round.</param>
    /// <param name="scalars">Tags and values.</param>
    public void Write(long step, IReadOnlyCollection<Scalar> scalars)
    {
        if (scalars.Count == 0) return;
        lock (_lock)
        {
            TensorBoardEvent.WriteScalars(_event, Now, step, scalars);
            WriteRecord();
        }
    }

    /// <summary>Hands everything written so far to the operating system.</summary>
    public void Flush()
    {
        lock (_lock) _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            lock (_lock) _stream.Dispose();
        }
        catch (IOException)
        {
            // Events that could not be handed over before; whoever added them has been told. The file is closed.
        }
    }

    private void WriteRecord()
    {
        Span<byte> head = stackalloc byte[LengthBytes + CrcBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)_event.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head[LengthBytes..], MaskedCrc(head[..LengthBytes]));
        Span<byte> tail = stackalloc byte[CrcBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc(_event.WrittenSpan));
        _stream.Write(head);
        _stream.Write(_event.WrittenSpan);
        _stream.Write(tail);
        _event.ResetWrittenCount();
    }

    // TFRecord masks its CRCs so that a CRC over data that hold CRCs stays a good one.
    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        foreach (var b in data) crc = BitOperations.Crc32C(crc, b);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
