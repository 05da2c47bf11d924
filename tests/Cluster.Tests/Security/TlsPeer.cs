using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>A peer of which only the certificate counts: it trusts every silo.</summary>
internal static class TlsPeer
{
    /// <summary>Shakes hands and waits to be thrown out, or for a second.</summary>
    /// <param name="endpoint">HOST:PORT.</param>
    /// <param name="files">Its certificate; null to show none.</param>
    /// <param name="greeting">What it says when hands are shaken.</param>
    /// <returns>The endpoint that it came from.</returns>
    public static async Task<string> Knock(
        string endpoint, (string Certificate, string Key)? files, params byte[] greeting)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(endpoint));
        var from = $"127.0.0.1:{((IPEndPoint)client.Client.LocalEndPoint!).Port}"; // connected sockets have one
        await using var stream = new SslStream(client.GetStream());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "silo",
                ClientCertificates = files is { } f ? [X509Certificate2.CreateFromPemFile(f.Certificate, f.Key)] : [],
                LocalCertificateSelectionCallback = (_, _, own, _, _) => own.Count > 0 ? own[0] : null!,
#pragma warning disable CA5359 // It is the silo that is tested here, not this peer.
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
            }, patience.Token);
            await stream.WriteAsync(greeting, patience.Token);
            await stream.ReadExactlyAsync(new byte[1], patience.Token);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
        {
            // Thrown out, or let in and greeted by nobody.
        }
        return from;
    }
}
