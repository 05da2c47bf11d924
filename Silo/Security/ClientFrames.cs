using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Orleans.FL.Grains.Calls;
using Orleans.Serialization.Buffers;
using Orleans.Serialization.Session;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// Looks at each message that a client sends a gateway: it is a call, and its sender is a client.
/// </summary>
/// <remarks>
/// Orleans believes what a message says of its sender, and silos may make calls that clients may not
/// (<see cref="ClientCalls"/>). Beside that, a client answers no calls here, and does not tell silos where grains are.
/// A message is the lengths of its header and body, 4 bytes each, header, body; a header begins with flags, number,
/// sender (type and key, each length, hash, bytes).
/// </remarks>
/// <param name="sessions">Read ids.</param>
/// <param name="refused">Receives why a message, and with it the connection, is refused.</param>
internal sealed class ClientFrames(SerializerSessionPool sessions, Action<string> refused)
{
    private const int LengthBytes = 2 * sizeof(int);
    private const int LongestId = 256;

    // flags, number, two spans with length and hash
    private const int LongestLook = sizeof(uint) + sizeof(long) + 2 * (5 + sizeof(int) + LongestId);

    private const uint TellsPlaces = 1 << 7;
    private const int DirectionShift = 16;
    private const uint Directions = 0xF, Request = 1, OneWay = 3;

    /// <summary>Lets messages pass that are in order, until the connection ends or one is not.</summary>
    /// <param name="connection">The connection, after its greeting.</param>
    /// <param name="next">What reads the messages.</param>
    public async Task Guard(ConnectionContext connection, ConnectionDelegate next)
    {
        var wire = connection.Transport;
        var checkedBytes = new Pipe();
        var pump = Pump(wire.Input, checkedBytes.Writer);
        connection.Transport = new Checked(checkedBytes.Reader, wire.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            wire.Input.CancelPendingRead();
            await checkedBytes.Reader.CompleteAsync();
            await pump;
            connection.Transport = wire;
        }
    }

    private async Task Pump(PipeReader from, PipeWriter to)
    {
        var greeting = true;
        var left = 0L; // of the message that has been looked at
        try
        {
            while (true)
            {
                var read = await from.ReadAsync();
                var rest = read.Buffer;
                while (!rest.IsEmpty)
                {
                    if (left == 0 && (left = greeting ? Greeting(rest) : Message(rest)) == 0) break;
                    greeting = false;
                    var passes = rest.Slice(0, Math.Min(left, rest.Length));
                    foreach (var part in passes) to.Write(part.Span);
                    left -= passes.Length;
                    rest = rest.Slice(passes.End);
                }
                from.AdvanceTo(rest.Start, read.Buffer.End);
                if ((await to.FlushAsync()).IsCompleted || read.IsCompleted || read.IsCanceled) return;
            }
        }
        catch (InvalidDataException e)
        {
            refused(e.Message);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or OperationCanceledException)
        {
            // The client has gone.
        }
        finally
        {
            await to.CompleteAsync();
        }
    }

    // The gate has seen that it is whole and not too long.
    private static long Greeting(ReadOnlySequence<byte> bytes) => sizeof(int) + Int(bytes, 0);

    /// <summary>Length of a message that is in order; 0 if there are too few bytes yet to say.</summary>
    private long Message(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length < LengthBytes) return 0;
        var (header, body) = (Int(bytes, 0), Int(bytes, sizeof(int)));
        if (header is <= 0 or > SecureConnections.LargestHeader || body is < 0 or > SecureConnections.LargestBody)
            throw new InvalidDataException("it sent a message of an impossible length");
        var look = Math.Min(header, LongestLook);
        if (bytes.Length < LengthBytes + look) return 0;
        Look(bytes.Slice(LengthBytes, look));
        return LengthBytes + (long)header + body;
    }

    private void Look(ReadOnlySequence<byte> header)
    {
        using var session = sessions.GetSession();
        var reader = Reader.Create(header, session);
        GrainId sender;
        uint flags;
        try
        {
            flags = reader.ReadUInt32();
            reader.ReadInt64();
            sender = new GrainId(new GrainType(Span(ref reader)), Span(ref reader));
        }
        catch (Exception e) when (e is not InvalidDataException)
        {
            throw new InvalidDataException("it sent a message that is none");
        }
        if (!ClientCalls.IsClient(sender))
            throw new InvalidDataException("it sent a message in the name of a silo or a grain");
        if ((flags >> DirectionShift & Directions) is not (Request or OneWay) || (flags & TellsPlaces) != 0)
            throw new InvalidDataException("it sent a message that only silos send");
    }

    private static IdSpan Span<TInput>(ref Reader<TInput> reader)
    {
        var length = reader.ReadVarUInt32();
        if (length == 0) return default;
        if (length > LongestId) throw new InvalidDataException("it sent a message with an id that is too long");
        reader.ReadInt32();
        return new IdSpan(reader.ReadBytes(length));
    }

    private static int Int(ReadOnlySequence<byte> bytes, int offset)
    {
        Span<byte> four = stackalloc byte[sizeof(int)];
        bytes.Slice(offset, sizeof(int)).CopyTo(four);
        return BinaryPrimitives.ReadInt32LittleEndian(four);
    }

    /// <summary>A transport whose input was checked.</summary>
    private sealed record Checked(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
