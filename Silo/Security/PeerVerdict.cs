using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Orleans.FL.Silo.Security;

/// <summary>The judgement over the peer of one connection.</summary>
internal sealed class PeerVerdict
{
    private bool _judged;

    /// <summary>How the handshake went, by the library that makes it.</summary>
    public HandshakeLog Handshake { get; } = new();

    /// <summary>Whether the peer has shown a certificate that is in order.</summary>
    public bool Accepted => _judged && Refusal is null;

    /// <summary>Why the peer is refused; null if it is not, or not for its certificate.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Judges a peer's certificate by the chain that was built with our policy.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="chain">Its chain.</param>
    /// <param name="errors">What is wrong with them by the platform.</param>
    public bool Judge(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        // Silos are known by the authority's signature, not by the name under which they were called.
        var error = chain is null ? "it has no chain"
            : (errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0 ? TlsIdentity.Errors(chain)
            : TlsIdentity.KeyError(certificate);
        (_judged, Refusal) = (true, error is null ? null : Name(certificate, error));
        return Refusal is null;
    }

    private static string Name(X509Certificate2 certificate, string error)
    {
        // The subject is the peer's own text.
        var subject = new string([.. certificate.Subject.Where(c => !char.IsControl(c)).Take(80)]);
        return $"of its certificate '{subject}': {error}";
    }
}
