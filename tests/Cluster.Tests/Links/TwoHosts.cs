using Orleans.FL.Testing.Servers;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>
/// Two machines with addresses of their own and a slow, long link between them: 100 Mbit/s, 50 ms there and back.
/// </summary>
/// <remarks>
/// <code>
/// tests, databases ── quick ── near ── 100 Mbit/s, 25 ms each way ── far
///     10.213.n.1       10.213.n.2, 10.213.n.5                    10.213.n.6
/// </code>
/// The machines are network namespaces. The far one reaches the databases over the link, as the tests reach it. The
/// link's speed is that of <c>tc tbf</c> on both ends, with the queue that a router would have, a delay's worth; its
/// length is a <see cref="DelayLine"/>.
/// </remarks>
internal sealed class TwoHosts : IAsyncDisposable
{
    private const string Speed = "root tbf rate 100mbit burst 64kb latency 50ms";
    private static int _made;

    private readonly string _quick;
    private readonly NetworkSpace _near;
    private readonly NetworkSpace _far;
    private readonly TunDevice _nearEnd;
    private readonly TunDevice _farEnd;
    private readonly DelayLine _line;

    private TwoHosts(int number, NetworkSpace near, NetworkSpace far)
    {
        var name = $"fl{Environment.ProcessId % 1_000_000}x{number % 1000}";
        var net = $"10.213.{(Environment.ProcessId + number) % 256}";
        (_quick, _near, _far) = (name + "q", near, far);
        (Outside, Near, Far) = ($"{net}.1", new($"{net}.5", near.Within), new($"{net}.6", far.Within));
        (_nearEnd, _farEnd) = (new(name + "n"), new(name + "f"));
        _line = new(_nearEnd, _farEnd, RoundTrip / 2);
    }

    /// <summary>Time that a packet and its answer take over the link when nothing else is sent.</summary>
    public static TimeSpan RoundTrip { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Address for servers that both machines call.</summary>
    public string Outside { get; }

    /// <summary>The machine on this side of the link.</summary>
    public Machine Near { get; }

    /// <summary>The machine on the other side.</summary>
    public Machine Far { get; }

    /// <summary>Makes them.</summary>
    /// <exception cref="InvalidOperationException">The system does not let us: see
    /// <see cref="TwoHostsFactAttribute"/>.</exception>
    public static async Task<TwoHosts> Create()
    {
        var hosts = new TwoHosts(Interlocked.Increment(ref _made), await NetworkSpace.Create(),
            await NetworkSpace.Create());
        try
        {
            await hosts.Connect();
            return hosts;
        }
        catch
        {
            await hosts.DisposeAsync();
            throw;
        }
    }

    /// <summary>Cuts the link, or mends it. Neither host is notified: packets are lost.</summary>
    public void Cut(bool cut) => _line.Cut = cut;

    /// <summary>Takes all of it away.</summary>
    public async ValueTask DisposeAsync()
    {
        _line.Dispose();
        _nearEnd.Dispose();
        _farEnd.Dispose();
        await ServerProcess.Run(null, "sh", "-c", $"! ip -o link show {_quick} 2>/dev/null || ip link del {_quick}");
        await _near.DisposeAsync();
        await _far.DisposeAsync();
    }

    private async Task Connect()
    {
        var net = Outside[..Outside.LastIndexOf('.')];
        await Here($"ip link add {_quick} type veth peer name quick netns {_near.Id}");
        await Here($"ip addr add {net}.1/30 dev {_quick}");
        await Here($"ip link set {_quick} up");
        await _near.Run($"ip addr add {net}.2/30 dev quick");
        await _near.Run("ip link set quick up");
        await Here($"ip route add {net}.4/30 via {net}.2");
        foreach (var (space, end, address) in new[] { (_near, _nearEnd, Near.Address), (_far, _farEnd, Far.Address) })
        {
            await Here($"ip link set {end.Name} netns {space.Id}");
            await space.Run($"ip addr add {address}/30 dev {end.Name}");
            await space.Run($"ip link set {end.Name} up mtu {TunDevice.LargestPacket} txqueuelen 2000");
            await space.Run($"tc qdisc add dev {end.Name} {Speed}");
        }
        await _far.Run($"ip route add default via {Near.Address}");
        await ServerProcess.Run(null, [.. _near.Within, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
    }

    private static Task Here(string command) => ServerProcess.Run(null, command.Split(' '));
}
