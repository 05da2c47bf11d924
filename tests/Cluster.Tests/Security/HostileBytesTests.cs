using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Orleans.FL.Learning.Foundation;
using Xunit;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>Bytes that no silo and no flctl sends, at each port; afterwards the silo works as before.</summary>
public sealed class HostileBytesTests : IClassFixture<Workbench>
{
    private const int Silent = 2000;
    private const long MayGrowBy = 192L << 20;
    private const int MayLog = 60;
    private readonly Workbench _bench;

    public HostileBytesTests(Workbench bench) => _bench = bench;

    [Fact(Timeout = 240_000)]
    public async Task Refused_without_harm()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await Works(silo); // so that what a first run takes is not counted
        var (before, lines) = (Resident(silo), Lines(silo));

        foreach (var port in (int[])[silo.Port, IPEndPoint.Parse(silo.Gateway).Port, silo.Web.Port])
        {
            var stream = new Seeds(port == silo.Web.Port ? 1 : 2).Stream("hostile");
            for (var i = 0; i < 100; i++) await Send(port, Bytes(stream, 1 + (int)(stream.NextBits() % 3000)));
            foreach (var length in (int[])[int.MaxValue, -1, int.MinValue, 0, 1025, 1 << 24])
                await Send(port, [.. Int(length), .. Bytes(stream, 64)]);
            for (var i = 0; i < 20; i++) await Send(port, [.. Int(100), .. Bytes(stream, 99 - i)]); // ends too early
        }
        // After a greeting that is in order.
        var greeting = await Greetings.OfSilo(_bench);
        foreach (var (header, body) in ((int, int)[])[(int.MaxValue, 10), (10, int.MaxValue), (-1, -1), (10, -1),
            (1 << 30, 1 << 30), (0, 0)])
            await Send(silo.Port, [.. greeting, .. Int(header), .. Int(body), .. new byte[64]]);
        var noise = new Seeds(3).Stream("hostile");
        for (var i = 0; i < 20; i++)
            await Send(silo.Port, [.. greeting, .. Int(50), .. Int(50), .. Bytes(noise, 100)]);

        await Works(silo);
        Assert.InRange(Resident(silo) - before, long.MinValue, MayGrowBy);
        Assert.InRange(Lines(silo) - lines, 0, MayLog);
        Assert.DoesNotContain(silo.Program.Output.Concat(silo.Program.Error),
            l => l.TrimStart().StartsWith("at ", StringComparison.Ordinal));
    }

    [Fact(Timeout = 240_000)]
    public async Task Thousands_of_silent_connections_keep_nobody_out()
    {
        await using var silo = await SiloProgram.Start(_bench);
        await Works(silo);
        var (before, lines) = (Resident(silo), Lines(silo));
        var open = new List<TcpClient>();
        try
        {
            foreach (var port in (int[])[silo.Port, IPEndPoint.Parse(silo.Gateway).Port, silo.Web.Port])
                for (var i = 0; i < Silent; i++)
                {
                    var client = new TcpClient();
                    open.Add(client);
                    await client.ConnectAsync(IPAddress.Loopback, port);
                    if (i % 2 == 0) await client.GetStream().WriteAsync(new byte[] { 1 }); // a byte, and no more
                }

            await Works(silo);
            Assert.InRange(Resident(silo) - before, long.MinValue, MayGrowBy);
            Assert.InRange(Lines(silo) - lines, 0, MayLog);
        }
        finally
        {
            foreach (var client in open) client.Dispose();
        }
    }

    private async Task Works(SiloProgram silo)
    {
        using var http = new HttpClient { BaseAddress = silo.Web };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health")).StatusCode);
        var done = await _bench.Last("start", "toy.json", "--set", "rounds=1", "--silo", silo.Gateway, "--json");
        Assert.Equal("finished", done.GetProperty("event").GetString());
    }

    internal static async Task Send(int port, byte[] bytes)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            var stream = client.GetStream();
            await stream.WriteAsync(bytes);
            client.Client.Shutdown(SocketShutdown.Send);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            var rest = new byte[4096];
            while (await stream.ReadAsync(rest, patience.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // Thrown out.
        }
    }

    private static byte[] Int(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    internal static byte[] Bytes(RandomStream stream, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (byte)stream.NextBits())];

    private static long Resident(SiloProgram silo) =>
        long.Parse(File.ReadLines($"/proc/{silo.Program.Id}/status").First(l =>
            l.StartsWith("VmRSS:", StringComparison.Ordinal))[6..^3].Trim(), CultureInfo.InvariantCulture) << 10;

    private static int Lines(SiloProgram silo) => silo.Program.Output.Length + silo.Program.Error.Length;
}
