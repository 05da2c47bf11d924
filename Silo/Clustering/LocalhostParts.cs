using Orleans.FL.Grains.Hosting;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Clustering;

/// <summary>
/// Silos of one machine, without a server: the first keeps the list of silos, SQLite the state of grains.
/// </summary>
internal static class LocalhostParts
{
    // Orleans' name for SQLite; it loads Microsoft.Data.Sqlite.
    private const string Sqlite = "System.Data.SQLite";

    public static async Task<IDisposable?> Prepare(SiloOptions options, CancellationToken cancellation)
    {
        var owner = RunsOwner.Take(options);
        try
        {
            await new SqliteFile(options.Runs).Prepare(cancellation);
            return owner;
        }
        catch
        {
            owner?.Dispose();
            throw;
        }
    }

    public static void Add(ISiloBuilder silo, SiloOptions options, SiloProcess place)
    {
        silo.UseDevelopmentClustering(options.PrimaryEndpoint());
        silo.UseInMemoryReminderService();
        // SQLite costs a start 0.1 s, and a silo inside flctl goes with its only run.
        if (place == SiloProcess.Embedded) silo.AddMemoryGrainStorage(FederationHosting.Storage);
        else AddFile(silo, options);
    }

    private static void AddFile(ISiloBuilder silo, SiloOptions options) =>
        silo.AddAdoNetGrainStorage(FederationHosting.Storage, o =>
        {
            o.Invariant = Sqlite;
            o.ConnectionString = new SqliteFile(options.Runs).Connection;
        });
}
