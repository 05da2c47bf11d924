using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.ClientCli.Clusters;

/// <summary>A folder with an authority of one's own and the certificates that it signed.</summary>
/// <param name="folder">The folder.</param>
/// <param name="time">The day from which certificates are valid.</param>
internal sealed class CertificateFolder(string folder, TimeProvider time)
{
    private const int AuthorityDays = 3650;
    private static readonly Oid ServerPurpose = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientPurpose = new("1.3.6.1.5.5.7.3.2");

    // Clocks of a cluster's machines differ a little.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromHours(1);

    /// <summary>The authority's certificate, which every silo and client needs.</summary>
    public string Authority => Path.Combine(folder, "ca.pem");

    /// <summary>The authority's key: who has it can make silos and clients.</summary>
    public string AuthorityKey => Path.Combine(folder, "ca.key");

    /// <summary>The files of a silo or a client.</summary>
    /// <param name="name">Its name.</param>
    public (string Certificate, string Key) Files(string name) =>
        (Path.Combine(folder, $"{name}.pem"), Path.Combine(folder, $"{name}.key"));

    /// <summary>Makes the authority, if there is none.</summary>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="ProfileException">Half of it is there.</exception>
    public bool MakeAuthority()
    {
        if (File.Exists(Authority) && File.Exists(AuthorityKey)) return false;
        if (File.Exists(Authority) || File.Exists(AuthorityKey))
            throw new ProfileException(
                $"{folder} holds only one of ca.pem and ca.key; bring the other one back, or take another folder.");
        OwnFile.MakeFolder(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Orleans.FL authority {Hex(4)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var authority = request.CreateSelfSigned(Begin, Begin.AddDays(AuthorityDays));
        WriteKey(AuthorityKey, key);
        File.WriteAllText(Authority, authority.ExportCertificatePem() + "\n");
        return true;
    }

    /// <summary>Makes a certificate and its key.</summary>
    /// <param name="name">Whose: a silo's name, or a client's.</param>
    /// <param name="silo">Whether it is for a silo; a client's lets nobody pose as a silo.</param>
    /// <param name="hosts">Names and addresses by which it is called.</param>
    /// <param name="days">Days until it expires.</param>
    /// <param name="replace">Whether one that is there is replaced.</param>
    /// <returns>Whether it was made.</returns>
    /// <exception cref="ProfileException">The authority cannot be read.</exception>
    public bool Make(string name, bool silo, IEnumerable<string> hosts, int days, bool replace)
    {
        var files = Files(name);
        if (!replace && (File.Exists(files.Certificate) || File.Exists(files.Key))) return false;
        using var authority = ReadAuthority();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension(silo ? [ServerPurpose, ClientPurpose] : [ClientPurpose], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        if (silo) request.CertificateExtensions.Add(Names([name, "localhost", "127.0.0.1", "::1", .. hosts]));
        var end = Begin.AddDays(days);
        var last = new DateTimeOffset(authority.NotAfter);
        using var certificate = request.Create(authority, Begin, end < last ? end : last,
            RandomNumberGenerator.GetBytes(16));
        WriteKey(files.Key, key);
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem() + "\n");
        return true;
    }

    private DateTimeOffset Begin => time.GetUtcNow() - ClockSkew;

    private X509Certificate2 ReadAuthority()
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Authority, AuthorityKey);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ProfileException($"The authority in {folder} cannot be read: {e.Message}");
        }
    }

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts.Distinct())
            if (IPAddress.TryParse(host, out var address)) names.AddIpAddress(address);
            else names.AddDnsName(host);
        return names.Build();
    }

    private static void WriteKey(string path, ECDsa key) =>
        OwnFile.Write(path, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));

    private static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
