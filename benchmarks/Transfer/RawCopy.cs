using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>The same bytes over a bare TCP connection: what a transfer is compared with.</summary>
internal static class RawCopy
{
    private const int Piece = 256 << 10;

    /// <summary>Sends as many values as each connection asks for.</summary>
    public static async Task Serve(IPEndPoint endpoint, TransferVectors vectors, CancellationToken cancellation)
    {
        using var listener = new TcpListener(endpoint);
        listener.Start();
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(cancellation);
            client.NoDelay = true;
            var asked = new byte[sizeof(int)];
            await client.GetStream().ReadExactlyAsync(asked, cancellation);
            var values = vectors.Of(BitConverter.ToInt32(asked));
            var piece = new byte[Piece];
            for (var at = 0; at < values.Length; at += Piece / sizeof(float))
            {
                var count = Math.Min(Piece / sizeof(float), values.Length - at);
                MemoryMarshal.AsBytes(values.AsSpan(at, count)).CopyTo(piece);
                await client.GetStream().WriteAsync(piece.AsMemory(0, count * sizeof(float)), cancellation);
            }
        }
    }

    /// <summary>Reads that many values into a new array, as a transfer does.</summary>
    public static async Task<byte[]> Read(IPEndPoint endpoint, int values)
    {
        var target = GC.AllocateUninitializedArray<byte>(values * sizeof(float));
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(endpoint);
        await client.GetStream().WriteAsync(BitConverter.GetBytes(values));
        await client.GetStream().ReadExactlyAsync(target);
        return target;
    }
}
