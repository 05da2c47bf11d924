using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.FL.Grains.Exchange;

/// <summary>Adds the exchange of weights between silos.</summary>
public static class ExchangeHosting
{
    /// <summary>
    /// Adds what is published here, sums of it, and the reader of what others publish; needs
    /// <see cref="FederationOptions"/>.
    /// </summary>
    /// <param name="services">Services of the silo; calls to peers that are there already are kept.</param>
    public static IServiceCollection AddExchange(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SiloTraffic>();
        services.TryAddSingleton<IPeerCalls, GrainPeerCalls>();
        services.AddSingleton<PublishedUpdates>();
        services.AddSingleton<RunningSums>();
        services.AddSingleton<PartialSums>();
        services.AddSingleton<UpdateReader>();
        services.AddSingleton<SharedTests>();
        return services;
    }
}
