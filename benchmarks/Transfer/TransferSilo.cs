using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.FL.Grains;
using Orleans.FL.Grains.Exchange;

namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>
/// One of the two silos of the job, in a process of its own; what <see cref="TransferCommand"/> starts.
/// </summary>
internal static class TransferSilo
{
    /// <summary>First argument of the silo that publishes, and the key of its probe.</summary>
    public const string Publisher = "transfer-publisher";

    /// <summary>First argument of the silo that reads and measures.</summary>
    public const string Reader = "transfer-reader";

    /// <summary>Run that the vectors are published for.</summary>
    public const string RunId = "bench";

    /// <summary>
    /// Runs a silo: ROLE ADDRESS PUBLISHER-ADDRESS PORT WINDOW REPEATS MB …; its ports are PORT … PORT + 4.
    /// </summary>
    public static async Task Run(string[] args)
    {
        var (role, address, publisher, port) = (args[0], IPAddress.Parse(args[1]), IPAddress.Parse(args[2]),
            int.Parse(args[3]));
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFilter(level => level >= LogLevel.Warning)
            .AddConsole(c => c.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo =>
        {
            silo.UseDevelopmentClustering(new IPEndPoint(publisher, port));
            silo.ConfigureEndpoints(address, role == Publisher ? port : port + 1,
                role == Publisher ? port + 2 : port + 3);
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (RunId, RunId));
            silo.Services.AddSingleton(Options.Create(new FederationOptions { TransferWindow = int.Parse(args[4]) }));
            silo.Services.AddSingleton<TransferVectors>();
            silo.Services.AddSingleton<IPeerCalls, ProbePeers>();
            silo.Services.AddExchange();
        });
        using var host = builder.Build();
        await host.StartAsync();
        var raw = new IPEndPoint(publisher, port + 4);
        if (role == Publisher)
        {
            using var over = new CancellationTokenSource();
            var serving = RawCopy.Serve(raw, host.Services.GetRequiredService<TransferVectors>(), over.Token);
            await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IProbeGrain>(Publisher).Ping();
            Console.WriteLine("up");
            await Task.WhenAny(serving, Console.In.ReadToEndAsync(over.Token)); // who started it closes its input
            await over.CancelAsync();
        }
        else
        {
            await new TransferMeasurement(host.Services, raw, Console.Out)
                .Run(int.Parse(args[5]), [.. args[6..].Select(int.Parse)]);
        }
        await host.StopAsync();
    }
}
