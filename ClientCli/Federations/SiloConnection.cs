using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Silo.Clustering;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>An Orleans client of a cluster's gateways.</summary>
internal sealed class SiloConnection : IAsyncDisposable
{
    // Somebody listens: a silo whose cores all train, or a machine that starts many of us, may take its time.
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(30);

    // A silo that dies with a call in flight is noticed only by this timeout.
    private static readonly TimeSpan ResponseWithin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly IHost _host;

    private SiloConnection(IHost host) => _host = host;

    /// <summary>Connects to gateways that take connections; a silo that does is waited for.</summary>
    /// <param name="target">The cluster.</param>
    /// <param name="gateways">Its gateways, of which one at least takes connections.</param>
    /// <param name="tls">flctl's certificate; null for connections without TLS.</param>
    /// <param name="slow">Is told if a silo is there and takes its time; null tells nobody.</param>
    /// <param name="time">Measures how long it takes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers, or none that accepts this client.</exception>
    public static async Task<IFederation> Open(ClusterTarget target, IPEndPoint[] gateways, TlsIdentity? tls,
        Action<string>? slow, TimeProvider time, CancellationToken cancellation)
    {
        var refusal = new Refusal();
        using var late = new CancellationTokenSource(ConnectsWithin, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        var patience = Task.Delay(SlowAfter, time, deadline.Token); // building a client takes its time, too
        try
        {
            var host = Build(target, gateways, tls, refusal);
            try
            {
                await Start(host, target, slow, patience, deadline.Token);
            }
            catch
            {
                host.Dispose();
                throw;
            }
            return new GrainFederation(
                host.Services.GetRequiredService<IGrainFactory>(), target.Name, null, new SiloConnection(host));
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested
            && e is SocketException or OperationCanceledException or TimeoutException or OrleansException)
        {
            if (refusal.Reason is { } reason) throw new FederationException($"The silo at {reason}", siloIsThere: true);
            if (late.IsCancellationRequested)
                throw new FederationException($"{target.Place} takes connections, but no silo answered within "
                    + $"{ConnectsWithin.TotalMinutes} minutes; see what its log says, and try again.",
                    siloIsThere: true);
            throw new FederationException($"No silo answers at {target.Place}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A silo that is gone does not answer a goodbye: do not wait for it.
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

    private static async Task Start(
        IHost host, ClusterTarget target, Action<string>? slow, Task patience, CancellationToken deadline)
    {
        var started = host.StartAsync(deadline).WaitAsync(deadline);
        await Task.WhenAny(started, patience);
        if (slow is not null && !started.IsCompletedSuccessfully && patience.IsCompletedSuccessfully)
            slow($"Somebody listens at {target.Place}, and no silo has answered yet; waiting (Ctrl+C gives up).");
        await started;
    }

    private static IHost Build(ClusterTarget target, IPEndPoint[] gateways, TlsIdentity? tls, Refusal refusal)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(gateways);
            client.GuardConnections(tls, refusal.Note);
            client.UseConnectionRetryFilter(refusal.TryAgain);
            client.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = target.ClusterId);
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = ResponseWithin);
            client.Configure<ConnectionOptions>(o => o.OpenConnectionTimeout = HandshakeWithin);
            // A gateway that has died is left for another one after this time.
            client.Configure<GatewayOptions>(o => o.GatewayListRefreshPeriod = MembershipTimings.GatewayRefresh);
        });
        return builder.Build();
    }

    /// <summary>Why a silo that is there cannot be talked to.</summary>
    private sealed class Refusal
    {
        private int _refusals;

        public string? Reason { get; private set; }

        public void Note(string endpoint, string reason)
        {
            Reason = $"{endpoint} cannot be talked to because {reason}.".Replace("?.", "?", StringComparison.Ordinal);
            Interlocked.Increment(ref _refusals);
        }

        // A silo that is starting closes connections, too: one refusal is not yet an answer.
        public async Task<bool> TryAgain(Exception exception, CancellationToken cancellation)
        {
            if (Volatile.Read(ref _refusals) > 2) return false;
            await Task.Delay(RetryAfter, cancellation);
            return true;
        }
    }

    /// <summary>Leaves signals to flctl.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
