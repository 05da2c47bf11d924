using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.FL.Silo.Security;

/// <summary>Who this program is, and whom it believes: both sides of each connection show a certificate of one authority.</summary>
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
    internal TlsIdentity(X509Certificate2 own, X509Certificate2Collection between, X509Certificate2Collection authorities)
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

    /// <summary>What this side asks of one that connects to it.</summary>
    /// <param name="role">Who may connect.</param>
    /// <param name="verdict">Learns why a peer is refused.</param>
    internal SslServerAuthenticationOptions Inbound(TlsRole role, PeerVerdict verdict) => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(role),
        RemoteCertificateValidationCallback = verdict.Judge,
        AllowRenegotiation = false,
        // A resumed session would not show its certificate again.
        AllowTlsResume = false,
    };

    /// <summary>What this side asks of a silo that it connects to.</summary>
    /// <param name="verdict">Learns why a peer is refused.</param>
    internal SslClientAuthenticationOptions Outbound(PeerVerdict verdict) => new()
    {
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(null),
        RemoteCertificateValidationCallback = verdict.Judge,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>Why a chain does not hold, in words.</summary>
    /// <param name="chain">The chain.</param>
    internal static string Errors(X509Chain chain)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        return status switch
        {
            _ when status.HasFlag(X509ChainStatusFlags.UntrustedRoot) || status.HasFlag(X509ChainStatusFlags.PartialChain) =>
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

    // A silo both calls and is called; a client only calls. So a client's certificate opens no silo port and can pose as no silo.
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

/// <summary>The judgement over the peer of one connection.</summary>
internal sealed class PeerVerdict
{
    /// <summary>Why the peer is refused; null if it is not, or not for its certificate.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Judges a peer's certificate by the chain that was built with our policy.</summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var shown = certificate as X509Certificate2;
        Refusal = shown is null || chain is null ? "it shows no certificate"
            : (errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0 ? Name(shown, TlsIdentity.Errors(chain))
            : TlsIdentity.KeyError(shown) is { } error ? Name(shown, error)
            : null;
        // Silos are known by the authority's signature, not by the name under which they were called.
        return Refusal is null;
    }

    private static string Name(X509Certificate2 certificate, string error)
    {
        // The subject is the peer's own text.
        var subject = new string([.. certificate.Subject.Where(c => !char.IsControl(c)).Take(80)]);
        return $"of its certificate '{subject}': {error}";
    }
}
