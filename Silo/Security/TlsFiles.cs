using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Silo.Security;

/// <summary>Where a program's certificate is, and whose signature its peers must have.</summary>
/// <param name="Certificate">Its certificate, and those between it and the authority: a PEM or PFX file.</param>
/// <param name="Key">The certificate's private key, a PEM file; empty with a PFX file, which holds it.</param>
/// <param name="Authority">Certificates of the authority that peers must be signed by, a PEM file.</param>
public sealed record TlsFiles(string Certificate, string Key, string Authority)
{
    /// <summary>Environment variable with the password of a PFX file.</summary>
    public const string PasswordVariable = "ORLEANS_FL_TLS_PASSWORD";

    /// <summary>Whether anything is given.</summary>
    public bool Given => Certificate.Length + Key.Length + Authority.Length > 0;

    private bool IsPfx => Path.GetExtension(Certificate).ToLowerInvariant() is ".pfx" or ".p12";

    /// <summary>Reads the files and checks that peers can accept what is in them.</summary>
    /// <param name="role">What the certificate must be good for.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <exception cref="SecurityException">A file is missing, unreadable, expired or not signed by the authority; the
    /// message is a sentence with the remedy.</exception>
    public TlsIdentity Load(TlsRole role, Func<string, string?> environment)
    {
        if (Certificate.Length == 0 || Authority.Length == 0 || (Key.Length == 0 && !IsPfx))
            throw new SecurityException("TLS needs a certificate, its key and the authority; give all three files, "
                + "or none for a cluster on this machine. 'flctl cluster certificates' makes them.");
        foreach (var file in new[] { Certificate, Key, Authority }.Where(f => f.Length > 0))
            if (!File.Exists(file)) throw new SecurityException(
                $"There is no file {file}; 'flctl cluster certificates' makes certificates.");
        var authorities = Read(Authority, () =>
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(Text(Authority));
            return found;
        });
        if (authorities.Count == 0) throw new SecurityException(
            $"{Authority} holds no certificate in PEM form; give the authority's.");
        var chain = Read(Certificate, () => IsPfx
            ? X509CertificateLoader.LoadPkcs12Collection(Bytes(Certificate), environment(PasswordVariable))
            : Pem());
        var own = chain.FirstOrDefault(c => c.HasPrivateKey)
            ?? throw new SecurityException(
                $"{Certificate} holds no certificate with a private key; give the key's file, too.");
        chain.Remove(own);
        var identity = new TlsIdentity(own, chain, authorities);
        if (identity.Unacceptable(role) is { } reason)
            throw new SecurityException($"No peer would accept the certificate {Certificate}: {reason}. "
                + "'flctl cluster certificates --force' makes a new one.");
        return identity;
    }

    private X509Certificate2Collection Pem()
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(Text(Certificate));
        var chain = new X509Certificate2Collection { X509Certificate2.CreateFromPem(Text(Certificate), Text(Key)) };
        chain.AddRange(all.Skip(1).ToArray());
        return chain;
    }

    private static string Text(string file) => Encoding.UTF8.GetString(Bytes(file));

    private static byte[] Bytes(string file) =>
        UserFile.Read(file, UserFile.LargestSettings, m => new SecurityException(m));

    private static X509Certificate2Collection Read(string file, Func<X509Certificate2Collection> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (
            e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SecurityException(
                $"{file} cannot be read as a certificate and its key: {e.Message.TrimEnd('.')}.");
        }
    }
}

/// <summary>What a certificate is good for.</summary>
public enum TlsRole
{
    /// <summary>To be a silo: it is called, and calls other silos.</summary>
    Silo,

    /// <summary>To be a client of silos.</summary>
    Client,
}

/// <summary>Something about keys or certificates is wrong; the message is a sentence with the remedy.</summary>
/// <param name="message">The sentence.</param>
public sealed class SecurityException(string message) : Exception(message);
