using Orleans.FL.Grains.Checkpoints;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>Where a silo keeps checkpoints, by its <see cref="SiloOptions.EffectiveCheckpoints"/>.</summary>
internal static class CheckpointParts
{
    /// <summary>
    /// Registers the store in the cluster's database; without one the federation takes the folder of the runs.
    /// </summary>
    /// <param name="silo">The silo, before the federation is added.</param>
    /// <param name="options">Valid options.</param>
    public static void Add(ISiloBuilder silo, SiloOptions options)
    {
        if (options.EffectiveCheckpoints != CheckpointPlace.Database) return;
        if (options.Clustering == ClusteringKind.Postgres)
            silo.Services.AddSingleton<ICheckpointStore>(s => new PostgresCheckpointStore(
                options.Database, options.Cluster, options.EffectiveName, s.GetRequiredService<TimeProvider>()));
        else
            silo.Services.AddSingleton<ICheckpointStore>(s => new RedisCheckpointStore(
                options.Database, options.Cluster, options.EffectiveName, s.GetRequiredService<TimeProvider>()));
    }
}
