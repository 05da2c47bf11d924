using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>An Orleans client of one gateway.</summary>
internal sealed class SiloConnection : IAsyncDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(1.5);

    // Somebody listens: a silo whose cores all train may take its time to shake hands.
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(15);

    // A silo that dies with a call in flight is noticed only by this timeout.
    private static readonly TimeSpan ResponseWithin = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private SiloConnection(IHost host) => _host = host;

    /// <summary>Connects, or says that nobody is there: within two seconds if nobody listens.</summary>
    /// <param name="gateway">HOST:PORT.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers.</exception>
    public static async Task<IFederation> Open(string gateway, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var endpoint = await Answering(gateway, deadline);
            deadline.CancelAfter(ConnectsWithin);
            var host = Build(endpoint);
            try
            {
                await host.StartAsync(deadline.Token).WaitAsync(deadline.Token);
            }
            catch
            {
                host.Dispose();
                throw;
            }
            return new GrainFederation(host.Services.GetRequiredService<IGrainFactory>(), $"the silo at {gateway}", null,
                new SiloConnection(host));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is SocketException or OperationCanceledException or TimeoutException or OrleansException)
        {
            throw new FederationException($"No silo answers at {gateway}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A silo that is gone cannot be told goodbye: do not wait for it.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await _host.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }
        _host.Dispose();
    }

    // A plain connection tells in milliseconds what an Orleans client tries for seconds.
    private static async Task<IPEndPoint> Answering(string gateway, CancellationTokenSource deadline)
    {
        var at = gateway.LastIndexOf(':');
        deadline.CancelAfter(AnswersWithin);
        using var probe = new TcpClient();
        await probe.ConnectAsync(gateway[..at], int.Parse(gateway[(at + 1)..]), deadline.Token);
        var remote = (IPEndPoint)probe.Client.RemoteEndPoint!; // connected sockets have one
        return remote.Address.IsIPv4MappedToIPv6 ? new(remote.Address.MapToIPv4(), remote.Port) : remote;
    }

    private static IHost Build(IPEndPoint gateway)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(gateway);
            client.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = Gateway.Cluster);
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseWithin);
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        });
        return builder.Build();
    }

    /// <summary>Leaves signals to flctl.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
