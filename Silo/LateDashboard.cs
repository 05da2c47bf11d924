namespace Orleans.FL.Silo;

/// <summary>Starts Orleans' dashboard when the silo is up and the cluster, as this silo sees it, holds it.</summary>
/// <remarks>
/// At its start it calls grains. Hosted services start together here, and a silo that first asks a database who is there takes
/// a second or more: the calls would be refused, tried again, and logged as errors.
/// </remarks>
/// <param name="dashboard">Orleans' own service.</param>
/// <param name="life">Says when the silo is up.</param>
/// <param name="membership">Says when the cluster holds it.</param>
/// <param name="manifest">Says when its grains are known.</param>
/// <param name="local">The silo.</param>
internal sealed class LateDashboard(
    IHostedService dashboard, IHostApplicationLifetime life, IClusterMembershipService membership, IClusterManifestProvider manifest,
    ILocalSiloDetails local) : IHostedService, IAsyncDisposable
{
    /// <summary>Puts itself in the dashboard's place, if there is one.</summary>
    /// <param name="services">The silo's services.</param>
    public static void Defer(IServiceCollection services)
    {
        var found = services.FirstOrDefault(s => s.ServiceType == typeof(IHostedService)
            && s.ImplementationType?.Namespace?.StartsWith("Orleans.Dashboard", StringComparison.Ordinal) == true);
        if (found?.ImplementationType is not { } type) return;
        services.Remove(found);
        services.AddSingleton<IHostedService>(s => ActivatorUtilities.CreateInstance<LateDashboard>(
            s, (IHostedService)ActivatorUtilities.CreateInstance(s, type)));
    }

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
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stopping))
                if (snapshot.GetSiloStatus(local.SiloAddress) == SiloStatus.Active) break;
            await foreach (var known in manifest.Updates.WithCancellation(stopping))
                if (known.Silos.ContainsKey(local.SiloAddress)) break;
            await dashboard.StartAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo stops before it was up.
        }
    }
}
