using System.Net;
using System.Net.Sockets;

namespace Orleans.FL.Silo.Clustering;

/// <summary>Finds out whether somebody listens where a silo is said to be.</summary>
internal static class SiloEndpoint
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    /// <summary>Whether a connection is accepted within two seconds.</summary>
    /// <param name="endpoint">Where.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<bool> Answers(IPEndPoint endpoint, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswersWithin);
        try
        {
            await client.ConnectAsync(endpoint, deadline.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
