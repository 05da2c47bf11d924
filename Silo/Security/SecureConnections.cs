using Orleans.Configuration;
using Orleans.Serialization.Session;

namespace Orleans.FL.Silo.Security;

/// <summary>Puts what guards connections in front of Orleans.</summary>
public static class SecureConnections
{
    /// <summary>Largest message: weights travel in chunks of 256 KiB, an experiment in a few MiB.</summary>
    public const int LargestBody = 16 << 20;

    /// <summary>Largest header of a message.</summary>
    public const int LargestHeader = 1 << 20;

    /// <summary>Guards the silo port and the gateway: deadlines, limits, and TLS if there is an identity.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="tls">Who the silo is; null for connections without TLS.</param>
    public static ISiloBuilder GuardConnections(this ISiloBuilder silo, TlsIdentity? tls)
    {
        silo.Services.AddSingleton<RefusalLog>();
        silo.Services.AddSingleton<Handshakes>();
        silo.Configure<SiloMessagingOptions>(Limit);
        silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(c => Gate(c, tls, TlsRole.Silo, "silo port"));
            connections.ConfigureGatewayInboundConnection(c => Gate(c, tls, TlsRole.Client, "gateway"));
            if (tls is null) return;
            connections.ConfigureSiloOutboundConnection(c =>
            {
                var log = c.ApplicationServices.GetRequiredService<RefusalLog>();
                c.UseMiddleware(
                    new OutboundTls(tls, (peer, reason) => log.Refused(peer, "silo port of another silo", reason)));
            });
        });
        return silo;
    }

    /// <summary>Gives a client's connections TLS, if there is an identity.</summary>
    /// <param name="client">The client.</param>
    /// <param name="tls">Who the client is; null for connections without TLS.</param>
    /// <param name="refused">Receives which endpoint it could not connect to, and why.</param>
    public static IClientBuilder GuardConnections(
        this IClientBuilder client, TlsIdentity? tls, Action<string, string> refused)
    {
        client.Configure<ClientMessagingOptions>(Limit);
        client.Configure<ClientConnectionOptions>(
            o => o.ConfigureConnection(c => c.UseMiddleware(new OutboundTls(tls, refused))));
        return client;
    }

    private static void Limit(MessagingOptions messages) =>
        (messages.MaxMessageBodySize, messages.MaxMessageHeaderSize) = (LargestBody, LargestHeader);

    private static void Gate(
        Microsoft.AspNetCore.Connections.IConnectionBuilder connections, TlsIdentity? tls, TlsRole role, string port)
    {
        var services = connections.ApplicationServices;
        connections.UseMiddleware(new InboundGate(
            tls, role, port, services.GetRequiredService<Handshakes>(), services.GetRequiredService<RefusalLog>(),
            services.GetRequiredService<SerializerSessionPool>()));
    }
}
