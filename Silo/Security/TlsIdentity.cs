using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Orleans.Connections.Security;

namespace Orleans.FL.Silo.Security;

/// <summary>
/// Who this program is, and whom it believes: both sides of each connection show a certificate of one authority.
/// </summary>
public sealed class TlsIdentity
{
    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _between;
    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext _context;

    /// <summary>Makes an identity of what is loaded.</summary>
    /// <param name="own">The certificate with its private key.</param>
    /// <param name="between">Certificates between it and the authority.</param>
    /// <param name="authorities">Whom peers must be signed by.</param>
    internal TlsIdentity(
        X509Certificate2 own, X509Certificate2Collection between, X509Certificate2Collection authorities)
    {
        (_own, _between, _authorities) = (own, between, authorities);
        _context = SslStreamCertificateContext.Create(own, between, offline: true);
    }

    /// <summary>Why no peer would accept this identity in a role; null if they would.</summary>
    /// <param name="role">The role.</param>
    internal string? Unacceptable(TlsRole role)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(role) };
        chain.ChainPolicy.ExtraStore.AddRange(_between);
        return chain.Build(_own) ? KeyError(_own) : Errors(chain);
    }

    /// <summary>Takes a connection that comes in through the handshake.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="role">Who may connect.</param>
    /// <param name="verdict">Learns why a peer is refused; only a certificate that it has accepted lets a peer
    /// in.</param>
    /// <param name="next">Gets the connection inside TLS; not called if the handshake fails.</param>
    internal Task Inbound(ConnectionContext connection, TlsRole role, PeerVerdict verdict, ConnectionDelegate next) =>
        Secure(connection, verdict, next, tls => tls.UseServerTls(new TlsOptions
        {
            LocalCertificate = _own,
            // It asks for a certificate all the same; the verdict, not the library, refuses a peer without one: it
            // knows the reason.
            RemoteCertificateMode = RemoteCertificateMode.AllowCertificate,
            RemoteCertificateValidation = verdict.Judge,
            HandshakeTimeout = Handshakes.Deadline,
            OnAuthenticateAsServer = (_, o) =>
                Ask((SslServerAuthenticationOptions)o.SslServerAuthenticationOptions, role),
        }));

    /// <summary>Takes a connection to a silo through the handshake.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="verdict">Learns why a peer is refused.</param>
    /// <param name="next">Gets the connection inside TLS; not called if the handshake fails.</param>
    internal Task Outbound(ConnectionContext connection, PeerVerdict verdict, ConnectionDelegate next) =>
        Secure(connection, verdict, next, tls => tls.UseClientTls(new TlsOptions
        {
            LocalCertificate = _own,
            ClientCertificateMode = RemoteCertificateMode.RequireCertificate,
            RemoteCertificateValidation = verdict.Judge,
            HandshakeTimeout = Handshakes.Deadline,
            OnAuthenticateAsClient = (_, o) => Ask((SslClientAuthenticationOptions)o.SslClientAuthenticationOptions),
        }));

    // One pipeline a connection: the library's options are those of all its connections, a verdict is of one.
    private static Task Secure(
        ConnectionContext connection, PeerVerdict verdict, ConnectionDelegate next, Action<IConnectionBuilder> useTls)
    {
        var buffers = connection.Features.Get<IMemoryPoolFeature>();
        connection.Features.Set<IMemoryPoolFeature>(RecordBuffers.Instance);
        var pipeline = new ConnectionBuilder(verdict.Handshake);
        useTls(pipeline);
        pipeline.Run(secured =>
        {
            secured.Features.Set(buffers);
            return verdict.Accepted ? next(secured) : Task.CompletedTask;
        });
        return pipeline.Build()(connection);
    }

    // The library's options know neither the certificates between ours and the authority nor a policy for chains.
    private void Ask(SslServerAuthenticationOptions tls, TlsRole role)
    {
        tls.ServerCertificateSelectionCallback = null;
        tls.ServerCertificateContext = _context;
        tls.CertificateChainPolicy = Policy(role);
        tls.AllowRenegotiation = false;
        tls.AllowTlsResume = false; // a resumed session would not show its certificate again
    }

    private void Ask(SslClientAuthenticationOptions tls)
    {
        tls.ClientCertificates = null;
        tls.ClientCertificateContext = _context;
        tls.CertificateChainPolicy = Policy(null);
        tls.AllowRenegotiation = false;
        tls.AllowTlsResume = false;
    }

    /// <summary>Why a chain does not hold, in words.</summary>
    /// <param name="chain">The chain.</param>
    internal static string Errors(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        return status switch
        {
            _ when status.HasFlag(X509ChainStatusFlags.UntrustedRoot)
                || status.HasFlag(X509ChainStatusFlags.PartialChain) =>
                "it is not signed by the authority given here",
            _ when status.HasFlag(X509ChainStatusFlags.NotTimeValid) => "it has expired or is not valid yet",
            _ when status.HasFlag(X509ChainStatusFlags.NotValidForUsage) => "it is not made for this use",
            _ => string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation.Trim().TrimEnd('.')).Distinct()),
        };
    }

    /// <summary>What is wrong with the use of a certificate's key; null if nothing.</summary>
    /// <param name="certificate">The certificate.</param>
    internal static string? KeyError(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is { } usage
            && !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)
            ? "its key is not made for signing handshakes" : null;

    // A silo both calls and is called; a client only calls. So a client's certificate opens no silo port and can pose
    // as no silo.
    private X509ChainPolicy Policy(TlsRole? caller)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        if (caller is not null) policy.ApplicationPolicy.Add(new Oid(ClientPurpose));
        if (caller is not TlsRole.Client) policy.ApplicationPolicy.Add(new Oid(ServerPurpose));
        return policy;
    }
}
