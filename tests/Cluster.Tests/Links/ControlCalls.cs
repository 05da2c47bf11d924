using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Silo.Security;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Cluster.Tests.Links;

/// <summary>
/// Asks a silo, over the gateway of another one, what it has: a call on the connection on which weights move.
/// </summary>
internal sealed class ControlCalls : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    private readonly IHost _client;

    private ControlCalls(IHost client) => _client = client;

    /// <summary>Connects.</summary>
    /// <param name="gateway">The other silo's gateway.</param>
    /// <param name="files">The client's certificate.</param>
    public static async Task<ControlCalls> Open(string gateway, TlsFiles files)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(IPEndPoint.Parse(gateway));
            client.GuardConnections(files.Load(TlsRole.Client, _ => null), (_, _) => { });
            client.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = SiloOptions.DefaultCluster);
        });
        var calls = new ControlCalls(builder.Build());
        await calls._client.StartAsync();
        await calls.Time(LinkedSilos.Far, Task.Delay(Every)); // the first call finds the way
        return calls;
    }

    /// <summary>Calls again and again.</summary>
    /// <param name="silo">Who is asked.</param>
    /// <param name="until">Stops with this.</param>
    /// <returns>The times, ascending.</returns>
    public async Task<TimeSpan[]> Time(string silo, Task until)
    {
        var asked = _client.Services.GetRequiredService<IGrainFactory>().GetGrain<ISiloGrain>(silo);
        var times = new List<TimeSpan>();
        using var every = new PeriodicTimer(Every);
        do
        {
            await every.WaitForNextTickAsync();
            var start = Stopwatch.GetTimestamp();
            await asked.Describe();
            times.Add(Stopwatch.GetElapsedTime(start));
        }
        while (!until.IsCompleted);
        return [.. times.Order()];
    }

    public async ValueTask DisposeAsync()
    {
        // It would say goodbye for as long as a host may take.
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await _client.StopAsync(now.Token);
        }
        catch (OperationCanceledException)
        {
        }
        _client.Dispose();
    }
}
