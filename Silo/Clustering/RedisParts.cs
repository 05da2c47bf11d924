using Orleans.Clustering.Redis;
using Orleans.Configuration;
using Orleans.FL.Grains.Hosting;
using Orleans.FL.Silo.Databases;
using Orleans.Persistence;
using StackExchange.Redis;
using SiloOptions = Orleans.FL.Silo.Options.SiloOptions;

namespace Orleans.FL.Silo.Clustering;

/// <summary>Membership, state of grains and reminders in Redis.</summary>
internal static class RedisParts
{
    public static async Task<IDisposable?> Prepare(SiloOptions options, CancellationToken cancellation)
    {
        await using var server = await RedisConnection.Open(options.Database, cancellation);
        await RedisServerCheck.MayWrite(server, options.Database, cancellation);
        return null;
    }

    public static void Add(ISiloBuilder silo, SiloOptions options)
    {
        var redis = RedisConnection.OfSilo(options.Database, options.EffectiveName);
        silo.Services.AddSingleton(_ => new SharedRedis(redis));
        silo.UseRedisClustering(o => o.ConfigurationOptions = redis);
        silo.Services.AddOptions<RedisClusteringOptions>()
            .Configure<SharedRedis>((o, shared) => o.CreateMultiplexer = _ => shared.Open());
        silo.AddRedisGrainStorage(FederationHosting.Storage, o => o.ConfigurationOptions = redis);
        silo.Services.AddOptions<RedisStorageOptions>(FederationHosting.Storage)
            .Configure<SharedRedis>((o, shared) => o.CreateMultiplexer = _ => shared.Open());
        silo.UseRedisReminderService(o => o.ConfigurationOptions = redis);
        silo.Services.AddOptions<RedisReminderTableOptions>()
            .Configure<SharedRedis>((o, shared) => o.CreateMultiplexer = _ => shared.Open());
    }
}

/// <summary>One connection of a silo for all that it keeps in Redis.</summary>
/// <param name="options">How to connect.</param>
internal sealed class SharedRedis(ConfigurationOptions options) : IAsyncDisposable
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(
        () => ConnectionMultiplexer.ConnectAsync(options));

    /// <summary>The connection; its users do not close it.</summary>
    public async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> Open() => (await _connection.Value, true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated) await (await _connection.Value).DisposeAsync();
    }
}
