namespace Orleans.FL.Silo.Web;

/// <summary>
/// Starts Orleans' dashboard when the silo is up, the cluster, as this silo sees it, holds it, and somebody looks.
/// </summary>
/// <remarks>
/// At its start it calls grains. Hosted services start together here, and a silo that first asks a database who is
/// there takes a second or more: the calls would be refused, tried again, and logged as errors.
/// </remarks>
/// <param name="dashboard">Orleans' own service.</param>
/// <param name="life">Says when the silo is up.</param>
/// <param name="membership">Says when the cluster holds it.</param>
/// <param name="manifest">Says when its grains are known.</param>
/// <param name="local">The silo.</param>
/// <param name="visit">Says when somebody looks.</param>
/// <param name="time">Passes between two looks at what is known.</param>
internal sealed class LateDashboard(
    IHostedService dashboard, IHostApplicationLifetime life, IClusterMembershipService membership,
    IClusterManifestProvider manifest, ILocalSiloDetails local, FirstVisit visit, TimeProvider time)
    : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Puts itself in the place of the dashboard, which was added before.</summary>
    /// <param name="services">The silo's services.</param>
    public static void Defer(IServiceCollection services)
    {
        var found = services.Single(
            s => s.ServiceType == typeof(IHostedService)
                && Origin(s)?.Namespace?.StartsWith("Orleans.Dashboard", StringComparison.Ordinal) == true);
        services.Remove(found);
        services.AddSingleton<IHostedService>(
            s => ActivatorUtilities.CreateInstance<LateDashboard>(s, (IHostedService)Make(found, s)));
    }

    /// <summary>The class of a service, or the one that makes it.</summary>
    private static Type? Origin(ServiceDescriptor service) => service.ImplementationType
        ?? service.ImplementationFactory?.Method.DeclaringType;

    private static object Make(ServiceDescriptor service, IServiceProvider services) =>
        service.ImplementationFactory is { } factory
            ? factory(services)
            : ActivatorUtilities.CreateInstance(services, service.ImplementationType!); // found by the one or the other

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Not waited for: it catches and logs what fails, and then starts at its first page.
        life.ApplicationStarted.Register(() => _ = Start(life.ApplicationStopping));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => dashboard.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (dashboard is IAsyncDisposable disposable) await disposable.DisposeAsync();
    }

    private async Task Start(CancellationToken stopping)
    {
        try
        {
            await visit.Happened.WaitAsync(stopping);
            var since = 0L;
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stopping))
            {
                since = snapshot.Version.Value;
                if (snapshot.GetSiloStatus(local.SiloAddress) == SiloStatus.Active) break;
            }
            // An earlier one may hold the silo, too, and the next one not: a silo that is joining is taken out until it
            // is active.
            await foreach (var known in manifest.Updates.WithCancellation(stopping))
                if (known.Version.Major >= since && known.Silos.ContainsKey(local.SiloAddress)) break;
            // The update arrives before the current manifest names the silo.
            while (!manifest.Current.Silos.ContainsKey(local.SiloAddress))
                await Task.Delay(BetweenLooks, time, stopping);
            await dashboard.StartAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops before it was up.
        }
    }
}
