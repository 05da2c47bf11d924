using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Counts what a silo's connections carry.</summary>
public static class TrafficCounting
{
    /// <summary>
    /// Counts the bytes on the wire, with silos and with clients, in <see cref="SiloTraffic"/>. Called before TLS is
    /// added it counts what the sockets carry, TLS included.
    /// </summary>
    /// <param name="silo">The silo.</param>
    public static ISiloBuilder CountTraffic(this ISiloBuilder silo)
    {
        silo.Services.TryAddSingleton<SiloTraffic>();
        silo.Configure<SiloConnectionOptions>(connections =>
        {
            connections.ConfigureSiloInboundConnection(Count);
            connections.ConfigureSiloOutboundConnection(Count);
            connections.ConfigureGatewayInboundConnection(Count);
        });
        return silo;
    }

    private static void Count(IConnectionBuilder connections)
    {
        var traffic = connections.ApplicationServices.GetRequiredService<SiloTraffic>();
        connections.Use(next => async connection =>
        {
            var transport = connection.Transport;
            connection.Transport = new CountedTransport(transport, traffic);
            try
            {
                await next(connection);
            }
            finally
            {
                connection.Transport = transport;
            }
        });
    }

    private sealed class CountedTransport(IDuplexPipe transport, SiloTraffic traffic) : IDuplexPipe
    {
        public PipeReader Input { get; } = new CountedReader(transport.Input, traffic);

        public PipeWriter Output { get; } = new CountedWriter(transport.Output, traffic);
    }
}
