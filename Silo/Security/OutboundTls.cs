using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// What each connection to a silo passes before Orleans speaks: the silo's certificate, and this program's own.
/// </summary>
/// <param name="tls">Who this program is; null for connections without TLS.</param>
/// <param name="refused">Receives whom it could not connect to, and why, as what follows "because".</param>
internal sealed class OutboundTls(TlsIdentity? tls, Action<string, string> refused) : IConnectionMiddleware
{
    // What closes later is this side, which has waited long enough for an answer.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(4);

    /// <inheritdoc/>
    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        if (tls is null)
        {
            await Pass(context, next, "it closed the connection before it answered; does this cluster need TLS?");
            return;
        }
        var (verdict, secured) = (new PeerVerdict(), false);
        await tls.Outbound(context, verdict, connection =>
        {
            secured = true;
            return Pass(connection, next, "it closed the connection after it saw this certificate; see the silo's log");
        });
        if (!secured) Refuse(context, verdict);
    }

    private void Refuse(ConnectionContext context, PeerVerdict verdict)
    {
        var failure = verdict.Handshake.Failure;
        var reason = verdict.Refusal ?? (failure is null or OperationCanceledException
            ? "the handshake took too long"
            : $"the handshake failed, as with a silo that has no TLS "
            + $"({(failure.InnerException ?? failure).Message.TrimEnd('.')})");
        refused($"{context.RemoteEndPoint}", reason);
        throw new ConnectionAbortedException(
            $"The silo at {context.RemoteEndPoint} cannot be talked to because {reason}.", failure!);
    }

    private async Task Pass(ConnectionContext context, ConnectionDelegate next, string guess)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception e) when (
            e is (InvalidOperationException or IOException) && Stopwatch.GetElapsedTime(began) < AtOnce)
        {
            refused($"{context.RemoteEndPoint}", guess);
            throw;
        }
    }
}
