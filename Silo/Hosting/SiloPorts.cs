using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Orleans.FL.Silo.Clustering;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Hosting;

/// <summary>
/// Looks at the ports before a silo is built, so that what is wrong is one sentence and not a failed start.
/// </summary>
internal static class SiloPorts
{
    /// <summary>Finds out whether the ports are free and the silo to join is there.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="OptionsValidationException">A port is in use, or nothing answers where the primary should
    /// be.</exception>
    public static async Task Check(SiloOptions options, CancellationToken cancellation)
    {
        var errors = new List<string>();
        Check(options, options.SiloPort, "--silo-port", errors);
        Check(options, options.GatewayPort, "--gateway-port", errors);
        Check(options, options.HttpPort, "--http-port", errors);
        if (options.PrimaryEndpoint() is { } primary && !await SiloEndpoint.Answers(primary, cancellation))
            errors.Add($"--primary: no silo answers at {primary}; start that one first, "
                + "or leave out --primary to begin a cluster.");
        if (errors.Count > 0) throw new OptionsValidationException("", typeof(SiloOptions), errors);
    }

    private static void Check(SiloOptions options, int port, string flag, List<string> errors)
    {
        if (port == 0) return;
        try
        {
            using var listener = new TcpListener(options.BindAddress, port);
            listener.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // Said once: no port can be opened there.
            if (!errors.Any(f => f.StartsWith("--bind", StringComparison.Ordinal)))
                errors.Add($"--bind: {options.Bind} is no address of this machine; give one that is, "
                    + "or 0.0.0.0 with --advertise.");
        }
        catch (SocketException e)
        {
            errors.Add(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{flag}: port {port} is in use; stop the program that has it (another silo?), "
                    + $"or choose another port with {flag}."
                : $"{flag}: port {port} cannot be opened ({e.SocketErrorCode}); choose another port with {flag}.");
        }
    }
}
