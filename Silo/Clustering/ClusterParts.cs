using Orleans.Configuration;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Silo.Clustering;

/// <summary>Membership, state of grains and reminders of a silo, by its <see cref="SiloOptions.Clustering"/>.</summary>
/// <remarks>Each kind has a class of its own, so that a silo loads no client of a database that it does not
/// use.</remarks>
internal static class ClusterParts
{
    /// <summary>Looks whether the database is there and ready; makes the file of a silo that needs no server.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="place">An embedded silo keeps its state in memory: there is nothing to look for.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What the silo holds while it lives; null if there is nothing.</returns>
    /// <exception cref="ClusterDatabaseException">It is not.</exception>
    public static Task<IDisposable?> Prepare(SiloOptions options, SiloProcess place, CancellationToken cancellation) =>
        options.Clustering switch
        {
            ClusteringKind.Postgres => PostgresParts.Prepare(options, cancellation),
            ClusteringKind.Redis => RedisParts.Prepare(options, cancellation),
            _ => place == SiloProcess.Embedded
                ? Task.FromResult<IDisposable?>(null)
                : LocalhostParts.Prepare(options, cancellation),
        };

    /// <summary>Registers them.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="place">An embedded silo keeps its state in memory.</param>
    public static void Add(ISiloBuilder silo, SiloOptions options, SiloProcess place)
    {
        silo.Configure<ClusterOptions>(o => o.ClusterId = o.ServiceId = options.Cluster);
        silo.Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = options.AdvertisedAddress;
            o.SiloPort = options.SiloPort;
            o.GatewayPort = options.GatewayPort;
            o.SiloListeningEndpoint = new(options.BindAddress, options.SiloPort);
            if (options.GatewayPort != 0) o.GatewayListeningEndpoint = new(options.BindAddress, options.GatewayPort);
        });
        silo.Configure<ClusterMembershipOptions>(MembershipTimings.Apply);
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, UniqueName>();
        switch (options.Clustering)
        {
            case ClusteringKind.Postgres:
                PostgresParts.Add(silo, options);
                break;
            case ClusteringKind.Redis:
                RedisParts.Add(silo, options);
                break;
            default:
                LocalhostParts.Add(silo, options, place);
                break;
        }
    }

    /// <summary>Where silos find each other, in words without a secret.</summary>
    /// <param name="options">Valid options.</param>
    public static string Describe(SiloOptions options) => options.Clustering switch
    {
        ClusteringKind.Postgres => PostgresConnection.Describe(options.Database),
        ClusteringKind.Redis => RedisConnection.Describe(options.Database),
        _ => "this machine",
    };

    /// <summary>Why the start of a silo failed, if it was its database.</summary>
    /// <param name="exception">What the start threw.</param>
    /// <param name="options">Valid options.</param>
    /// <returns>A sentence; null if the database has no part in it.</returns>
    public static string? Loss(Exception exception, SiloOptions options) => options.Clustering switch
    {
        ClusteringKind.Postgres => PostgresConnection.Loss(exception, options.Database),
        ClusteringKind.Redis => RedisConnection.Loss(exception, options.Database),
        _ => null,
    };
}
