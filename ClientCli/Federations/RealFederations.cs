using Orleans.FL.ClientCli.Clusters;
using Orleans.FL.Silo;

namespace Orleans.FL.ClientCli.Federations;

/// <summary>Federations of real silos.</summary>
internal sealed class RealFederations : IFederations
{
    public Task<IFederation> Connect(ClusterTarget target, CancellationToken cancellation) =>
        SiloConnection.Open(target, cancellation);

    public async Task<IFederation> Embed(SiloOptions options, CancellationToken cancellation)
    {
        var silo = await SiloHost.Start(options, SiloPlace.Embedded, cancellation);
        return new GrainFederation(silo.Grains, "the embedded silo", silo.Dashboard, new Stopping(silo));
    }

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
