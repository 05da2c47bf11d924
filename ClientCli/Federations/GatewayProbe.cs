using System.Net;
using System.Net.Sockets;
using Orleans.FL.ClientCli.Clusters;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>
/// Plain connections to gateways: they show in milliseconds what takes an Orleans client seconds, and without loading
/// Orleans, which a command without a silo has no use for.
/// </summary>
internal static class GatewayProbe
{
    private static readonly TimeSpan AcceptsWithin = TimeSpan.FromSeconds(1.5);

    /// <summary>Looks which gateways of a cluster take connections; one that does not now may do so later.</summary>
    /// <param name="target">The cluster.</param>
    /// <param name="time">Measures how long they may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FederationException">None does, after two seconds at most.</exception>
    public static async Task<IPEndPoint[]> Accepting(
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
        if (found[^1].ValidationError is not null)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new FederationException($"No silo answers at {target.Place}.");
        }
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
}
