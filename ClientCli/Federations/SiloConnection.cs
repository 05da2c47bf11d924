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
    private static readonly TimeSpan AcceptsWithin = TimeSpan.FromSeconds(1.5);

    // Somebody listens: a silo whose cores all train, or a machine that starts many of us, may take its time.
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(30);

    // A silo that dies with a call in flight is noticed only by this timeout.
    private static readonly TimeSpan ResponseWithin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    private readonly IHost _host;

    private SiloConnection(IHost host) => _host = host;

    /// <summary>
    /// Connects, or says that nobody is there: within two seconds if nobody listens. A silo that takes the connection
    /// is waited for.
    /// </summary>
    /// <param name="target">The cluster.</param>
    /// <param name="slow">Is told if a silo is there and takes its time; null tells nobody.</param>
    /// <param name="time">Measures how long it takes.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">No silo answers, or none that accepts this client.</exception>
    /// <exception cref="SecurityException">flctl's certificate is none.</exception>
    public static async Task<IFederation> Open(
        ClusterTarget target, Action<string>? slow, TimeProvider time, CancellationToken cancellation)
    {
        var tls = target.Tls?.Load(TlsRole.Client, Environment.GetEnvironmentVariable);
        var refusal = new Refusal();
        using var late = new CancellationTokenSource(ConnectsWithin, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            var gateways = await Accepting(target, time, cancellation);
            var host = Build(target, gateways, tls, refusal);
            try
            {
                await Start(host, target, slow, time, deadline.Token);
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
        IHost host, ClusterTarget target, Action<string>? slow, TimeProvider time, CancellationToken deadline)
    {
        var started = host.StartAsync(deadline).WaitAsync(deadline);
        if (slow is not null && await Task.WhenAny(started, Task.Delay(SlowAfter, time, deadline)) != started)
            slow($"Somebody listens at {target.Place}, and no silo has answered yet; waiting (Ctrl+C gives up).");
        await started;
    }

    // A plain connection shows in milliseconds what takes an Orleans client seconds. A gateway that does not answer now
    // may answer later.
    private static async Task<IPEndPoint[]> Accepting(
        ClusterTarget target, TimeProvider time, CancellationToken cancellation)
    {
        var tries = target.Gateways.Select(g => Try(g, time, cancellation)).ToList();
        var found = new List<(IPEndPoint[] Endpoints, Exception? ValidationError)>();
        while (tries.Count > 0)
        {
            var next = await Task.WhenAny(tries);
            tries.Remove(next);
            found.Add(await next);
            if (found[^1].ValidationError is null) break;
        }
        if (found[^1].ValidationError is { } error) throw error;
        // The endpoints of the rest are known as soon as their names are, which is at once for addresses.
        foreach (var rest in tries.Where(t => t.IsCompleted)) found.Add(await rest);
        var given = target.Gateways.Select(g => IPEndPoint.TryParse(g, out var e) ? e : null).OfType<IPEndPoint>();
        return [.. found.SelectMany(f => f.Endpoints).Concat(given).Distinct()];
    }

    private static async Task<(IPEndPoint[] Endpoints, Exception? ValidationError)> Try(
        string gateway, TimeProvider time, CancellationToken cancellation)
    {
        var at = gateway.LastIndexOf(':');
        using var probe = new TcpClient();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            var connected = probe.ConnectAsync(gateway[..at].Trim('[', ']'), int.Parse(gateway[(at + 1)..]), over.Token)
                .AsTask();
            // On a machine that is busy the time may be up before this process hears of a connection that it has.
            if (await Task.WhenAny(connected, Task.Delay(AcceptsWithin, time, cancellation)) != connected
                && !probe.Client.Poll(0, SelectMode.SelectWrite))
                await over.CancelAsync();
            await connected;
            var remote = (IPEndPoint)probe.Client.RemoteEndPoint!; // connected sockets have one
            return ([remote.Address.IsIPv4MappedToIPv6 ? new(remote.Address.MapToIPv4(), remote.Port) : remote], null);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return ([], e);
        }
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
