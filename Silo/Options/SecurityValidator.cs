using System.Net;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo.Options;

/// <summary>Finds what would leave a silo open to others; each error is a sentence that begins with the flag.</summary>
internal static class SecurityValidator
{
    /// <summary>Characters that a key of the web pages must have.</summary>
    private const int ShortestKey = 16;

    /// <summary>The errors.</summary>
    /// <param name="options">The silo's options.</param>
    public static IEnumerable<string> Errors(SiloOptions options)
    {
        var tls = ValidationError(
            () => options.TlsFiles.Given ? options.TlsFiles.Load(TlsRole.Silo, _ => options.TlsPassword) : null);
        if (tls is not null) yield return $"--tls-certificate: {tls}";
        var key = ValidationError(() => options.ReadHttpKey());
        if (key is not null) yield return $"--http-key-file: {key}";
        if (IPAddress.IsLoopback(options.BindAddress)) yield break; // one that is no address is an error already
        if (!options.TlsFiles.Given && !options.Insecure)
            yield return $"--tls-certificate: others would reach this silo at {options.Bind} and could make it do "
                + "anything; "
                + "give --tls-certificate, --tls-key and --tls-authority ('flctl cluster certificates' makes them), "
                + "or --insecure true in a network of which you trust every machine.";
        if (key is null && options.ReadHttpKey() is null)
            yield return $"--http-key-file: the web pages at {options.Bind} would be open to others; "
                + $"give a file with a key of {ShortestKey} or more characters, or {SiloOptions.HttpKeyVariable}.";
    }

    /// <summary>Checks a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="source">Where it is from.</param>
    /// <exception cref="SecurityException">It is too short.</exception>
    public static string Checked(string key, string source) => key.Length >= ShortestKey ? key
        : throw new SecurityException($"the key in {source} has {key.Length} characters; give {ShortestKey} or more, "
            + "such as those of 'openssl rand -hex 16' or 'head -c 16 /dev/urandom | base64'.");

    private static string? ValidationError(Func<object?> read)
    {
        try
        {
            _ = read();
            return null;
        }
        catch (SecurityException e)
        {
            return e.Message;
        }
    }
}
