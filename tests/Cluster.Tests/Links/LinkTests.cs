using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orleans.FL.Cluster.Tests.Chaos;
using Orleans.FL.Testing.Servers;
using Xunit;
using Xunit.Abstractions;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>
/// Silos on two machines with a slow, long link between them give the bytes of a run in one process, also
/// when it is cut.
/// </summary>
public sealed class LinkTests(ITestOutputHelper output) : IDisposable
{
    private const string PinFar = """
        , "devices": [ { "nodes": [0, 2], "silo": "near" }, { "nodes": [1, 3], "silo": "far" } ]
        """;

    private readonly Workbench _bench = new();

    /// <summary>Which silo coordinates, and whether nodes are pinned to both.</summary>
    public static TheoryData<string, bool> Cuts
    {
        get
        {
            // the near silo takes the run up, and goes on alone
            var data = new TheoryData<string, bool> { { LinkedSilos.Far, false } };
            if (Outages.Full) data.Add(LinkedSilos.Near, true); // nodes must sit behind the link: the run waits for it
            return data;
        }
    }

    public void Dispose() => _bench.Dispose();

    [TwoHostsFact(Timeout = 60_000)]
    public async Task The_link_is_as_long_and_as_slow_as_it_should_be()
    {
        const int bytes = 5_000_000;
        await using var hosts = await TwoHosts.Create();
        using var listener = new TcpListener(IPAddress.Parse(hosts.Outside), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string[] command =
        [
            .. hosts.Far.Within, "bash", "-c",
            // begins when it is sent a line
            $"exec 3<>/dev/tcp/{hosts.Outside}/{port}; read -u 3; head -c {bytes} /dev/zero >&3",
        ];

        using var sender = Process.Start(command[0], command[1..]);
        using var client = await listener.AcceptTcpClientAsync();
        var start = Stopwatch.GetTimestamp();
        await client.GetStream().WriteAsync("\n"u8.ToArray());
        var buffer = new byte[65536];
        long got = await client.GetStream().ReadAsync(buffer);
        var first = Stopwatch.GetElapsedTime(start);
        while (await client.GetStream().ReadAsync(buffer) is var read and > 0) got += read;
        var all = Stopwatch.GetElapsedTime(start);

        output.WriteLine(
            $"{first.TotalMilliseconds:F1} ms to the first byte, {all.TotalMilliseconds:F0} ms to the last.");
        Assert.Equal(bytes, got);
        Assert.InRange(first, TwoHosts.RoundTrip, TimeSpan.FromSeconds(5));
        Assert.InRange(all, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(30)); // 40 Mbit at 100 Mbit/s
    }

    [TwoHostsFact(Timeout = 300_000)]
    public async Task A_slow_link_changes_nothing_and_control_stays_responsive()
    {
        // 64·1024 + 1024 + 1024·1024 + 1024 + 1024·10 + 10 = 1,126,410 values, 4.5 MB, twice each way in each round.
        Write("wide.json", nodes: 4, rounds: 6, hidden: 1024, samples: 40, checkpoints: 3);
        await using var hosts = await TwoHosts.Create();
        await using var postgres = await PostgresServer.Create(hosts.Outside);
        await using var silos = await LinkedSilos.Prepare(_bench, hosts, output, "postgres", await Database(postgres));
        await silos.Add(LinkedSilos.Near);
        await silos.Add(LinkedSilos.Far);
        await using var calls = await ControlCalls.Open(silos[LinkedSilos.Near].Gateway, silos.Client);
        var before = await calls.Time(LinkedSilos.Far, Task.Delay(1000));

        await silos.Flctl("start", "wide.json", "--detach", "--run", "wide", "--cluster", LinkedSilos.Near);
        await using var watcher = silos.Watch("wide", LinkedSilos.Far);
        await watcher.Line("\"event\":\"round\"");
        var meanwhile = await calls.Time(LinkedSilos.Far, watcher.End());

        var events = await ChaosCluster.SameBytes(watcher, await _bench.Last("simulate", "wide.json", "--json"));
        output.WriteLine($"Calls: {Words(before)} before, {Words(meanwhile)} meanwhile.");
        Assert.Equal(2, events.Single(e => ChaosCluster.Name(e) == "seated").GetProperty("silos").GetInt32());
        Assert.All(events.Where(e => ChaosCluster.Name(e) == "round"),
            r => Assert.Equal(4 * 4 * 1_126_410, r.GetProperty("wireBytes").GetInt64()));
        Assert.True(before[0] >= TwoHosts.RoundTrip, $"The link is not as long as it should be: {Words(before)}.");
        Assert.True(Middle(meanwhile) < TwoHosts.RoundTrip + TimeSpan.FromMilliseconds(100), Words(meanwhile));
    }

    [TwoHostsTheory(Timeout = 300_000)]
    [MemberData(nameof(Cuts))]
    public async Task A_cut_link_changes_nothing(string coordinating, bool pinned)
    {
        Write("long.json", nodes: 4, rounds: pinned ? 40 : 150, hidden: 64, samples: 300, checkpoints: 1,
            pinned ? PinFar : "");
        await using var hosts = await TwoHosts.Create();
        await using var postgres = await PostgresServer.Create(hosts.Outside);
        await using var silos = await LinkedSilos.Prepare(_bench, hosts, output, "postgres", await Database(postgres));
        await silos.Add(coordinating);
        await silos.Flctl("list", "--cluster", coordinating); // the registry comes up there, and the runs where it is
        await silos.Add(coordinating == LinkedSilos.Near ? LinkedSilos.Far : LinkedSilos.Near);
        await silos.Flctl("start", "long.json", "--detach", "--run", "long", "--cluster", coordinating);
        await using var watcher = silos.Watch("long", LinkedSilos.Near);
        await watcher.Line("\"event\":\"round\"");
        Assert.Contains(silos[coordinating].Program.Output,
            l => l.Contains("Run long begins", StringComparison.Ordinal));

        hosts.Cut(true);
        await Outages.Last(Outages.Link);
        hosts.Cut(false);

        // The near silo has the database, and counted the other one as dead; that one finds out, ends, and is
        // started again.
        Assert.NotEqual(0, await silos[LinkedSilos.Far].Program.End());
        await silos[LinkedSilos.Far].Restart();
        var events = await ChaosCluster.SameBytes(watcher, await _bench.Last("simulate", "long.json", "--json"));
        Assert.Equal(2, events.First(e => ChaosCluster.Name(e) == "seated").GetProperty("silos").GetInt32());
        Assert.Contains(events, e => ChaosCluster.Name(e) == "reseated");
        Assert.InRange(ChaosCluster.MostRepeated(events), 0, 1);
        Assert.Equal(2, (await silos.Flctl("cluster", "show", "--cluster", LinkedSilos.Near, "--json")).Length);
    }

    // Without its pool a silo makes a new connection for each call of the database, which takes some six round trips.
    private static async Task<string> Database(PostgresServer server) =>
        new NpgsqlConnectionStringBuilder(await server.Database()) { Pooling = true }.ConnectionString;

    private void Write(
        string file, int nodes, int rounds, int hidden, int samples, int checkpoints, string more = "") =>
        File.WriteAllText(Path.Combine(_bench.Folder, file), $$"""
        { "name": "linked", "seed": 5, "nodes": {{nodes}}, "rounds": {{rounds}},
          "algorithm": "gossip", "topology": "ring",
          "dataset": "digits",
          "partitioner": { "name": "iid", "samplesPerNode": {{samples}} },
          "model": { "name": "mlp", "hidden": [{{hidden}}, {{hidden}}] },
          "training": { "batchSize": 20 }, "checkpoints": { "every": {{checkpoints}}, "secondsBetween": 0 }{{more}} }
        """);

    private static TimeSpan Middle(TimeSpan[] times) => times[times.Length / 2];

    private static string Words(TimeSpan[] times) => $"{times.Length} calls, p50 {Middle(times).TotalMilliseconds:F0} "
        + $"ms, p99 {times[times.Length * 99 / 100].TotalMilliseconds:F0} ms";
}
