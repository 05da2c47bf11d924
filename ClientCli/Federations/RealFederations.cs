using System.Net;
using System.Runtime.CompilerServices;
using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Silo.Hosting;
using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>Federations of real silos.</summary>
/// <param name="time">Measures how long silos take to answer.</param>
internal sealed class RealFederations(TimeProvider time) : IFederations
{
    public async Task<IFederation> Connect(
        ClusterTarget target, Action<string>? slow, CancellationToken cancellation)
    {
        var tls = target.Tls?.Load(TlsRole.Client, Environment.GetEnvironmentVariable);
        var gateways = await GatewayProbe.Accepting(target, time, cancellation);
        return await Open(target, gateways, tls, slow, cancellation);
    }

    public async Task<IFederation> Embed(SiloOptions options, Component<Dataset>? soon, CancellationToken cancellation)
    {
        var data = new DatasetCache(DatasetLocator.Default);
        // An error is reported to the caller that asks for the data.
        if (soon is not null) _ = Task.Run(() => data.Get(soon), cancellation);
        var silo = await SiloHost.Start(options, SiloProcess.Embedded, data, cancellation);
        return new GrainFederation(silo.Grains, "the embedded silo", silo.Dashboard, new Stopping(silo));
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // what it names is loaded when it is called
    private Task<IFederation> Open(ClusterTarget target, IPEndPoint[] gateways, TlsIdentity? tls, Action<string>? slow,
        CancellationToken cancellation) => SiloConnection.Open(target, gateways, tls, slow, time, cancellation);

    /// <summary>Stops a silo before it is let go.</summary>
    private sealed class Stopping(SiloHost silo) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await silo.Stop();
            await silo.DisposeAsync();
        }
    }
}
