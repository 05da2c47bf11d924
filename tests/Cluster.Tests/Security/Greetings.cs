using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Orleans.FL.Cluster.Tests.Security;

/// <summary>What a silo says first on a connection.</summary>
internal static class Greetings
{
    /// <summary>Lets a real silo greet us, which it takes for the one to join.</summary>
    /// <param name="bench">Where it works.</param>
    public static async Task<byte[]> OfSilo(Workbench bench)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // A silo joins the one that holds the folder of runs: here that is we.
        var runs = Path.Combine(bench.Folder, "greeted");
        Directory.CreateDirectory(runs);
        using var held = new FileStream(Path.Combine(runs, ".orleans-fl.lock"), FileMode.OpenOrCreate,
            FileAccess.ReadWrite, FileShare.None);
        await File.WriteAllTextAsync(Path.Combine(runs, ".orleans-fl.primary"), $"{listener.LocalEndpoint} tests\n");
        await using var silo = bench.Start("Orleans.FL.Silo.dll", ["--silo-port", $"{Workbench.FreePort()}",
            "--gateway-port", "0", "--http-port", "0", "--primary", $"{listener.LocalEndpoint}", "--runs", runs]);
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync();
            var length = new byte[sizeof(int)];
            try
            {
                await client.GetStream().ReadExactlyAsync(length);
                var rest = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
                await client.GetStream().ReadExactlyAsync(rest);
                return [.. length, .. rest];
            }
            catch (EndOfStreamException)
            {
                // It looked whether somebody is there.
            }
        }
    }
}
