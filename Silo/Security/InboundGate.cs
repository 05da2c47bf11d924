using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;
using Orleans.Serialization.Session;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// What each connection passes before Orleans reads from it: the deadline, the certificate, the form of the greeting.
/// </summary>
/// <param name="tls">Who this silo is; null for connections without TLS.</param>
/// <param name="role">Who may come in here.</param>
/// <param name="port">How sentences name the port.</param>
/// <param name="handshakes">Counts those who have not said who they are.</param>
/// <param name="log">Receives the refusals.</param>
/// <param name="sessions">Read what clients' messages say of their senders.</param>
internal sealed class InboundGate(TlsIdentity? tls, TlsRole role, string port, Handshakes handshakes, RefusalLog log,
    SerializerSessionPool sessions) : IConnectionMiddleware
{
    private const byte TlsHandshakeRecord = 22;
    private const int LengthBytes = sizeof(int);

    // The limit of Orleans itself, which checks it on one side only.
    private const int LongestGreeting = 1024;

    /// <inheritdoc/>
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        var verdict = new PeerVerdict();
        var greeted = false;
        using var handshake = handshakes.Begin(context);
        try
        {
            // Who connects and leaves, such as a watchdog, is not worth a line.
            if (await FirstByte(context.Transport.Input, handshake.Over) is not { } first) return;
            if (tls is null) await Greeted(context);
            else if (first != TlsHandshakeRecord) throw new InvalidDataException("it does not speak TLS");
            else await tls.Inbound(context, role, verdict, Greeted);
            if (!greeted) throw verdict.Handshake.Failure ?? new InvalidDataException("it shows no certificate");
        }
        catch (Exception e) when (!greeted)
        {
            var reason = handshake.GivenUp ?? verdict.Refusal ?? (e is InvalidDataException ? e.Message
                : $"the handshake failed ({(e.InnerException ?? e).Message.TrimEnd('.')})");
            log.Refused($"{context.RemoteEndPoint}", port, reason);
        }

        async Task Greeted(ConnectionContext connection)
        {
            await Greeting(connection.Transport.Input, handshake.Over);
            greeted = true;
            handshake.Dispose();
            if (role == TlsRole.Silo) await next(connection);
            else await new ClientFrames(sessions, Refused).Guard(connection, next);
        }

        void Refused(string reason) => log.Refused($"{context.RemoteEndPoint}", port, reason);
    }

    private static async Task<byte?> FirstByte(PipeReader input, CancellationToken cancellation)
    {
        var read = await input.ReadAsync(cancellation);
        byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
        input.AdvanceTo(read.Buffer.Start); // looked at, not taken
        return first;
    }

    private static async Task Greeting(PipeReader input, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellation);
            if (Whole(read.Buffer))
            {
                input.AdvanceTo(read.Buffer.Start);
                return;
            }
            if (read.IsCompleted || read.IsCanceled) throw new InvalidDataException(
                "it left in the middle of its greeting");
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static bool Whole(ReadOnlySequence<byte> bytes)
    {
        if (bytes.Length < LengthBytes) return false;
        Span<byte> prefix = stackalloc byte[LengthBytes];
        bytes.Slice(0, LengthBytes).CopyTo(prefix);
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        return length is > 0 and <= LongestGreeting
            ? bytes.Length >= LengthBytes + length
            : throw new InvalidDataException("it does not greet as silos and flctl do");
    }
}
