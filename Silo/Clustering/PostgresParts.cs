using Orleans.FL.Grains.Hosting;
using Orleans.FL.Silo.Databases;
using Orleans.FL.Silo.Options;

namespace Orleans.FL.Silo.Clustering;

/// <summary>Membership, state of grains and reminders in PostgreSQL.</summary>
internal static class PostgresParts
{
    // The name under which Orleans loads the client.
    private const string Npgsql = "Npgsql";

    public static async Task<IDisposable?> Prepare(SiloOptions options, CancellationToken cancellation)
    {
        await using var connection = await PostgresConnection.Open(options.Database, cancellation);
        await PostgresTables.Check(connection, options.Database, cancellation);
        return null;
    }

    public static void Add(ISiloBuilder silo, SiloOptions options)
    {
        var database = PostgresConnection.OfSilo(options.Database, options.EffectiveName);
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (Npgsql, database));
        silo.AddAdoNetGrainStorage(
            FederationHosting.Storage, o => (o.Invariant, o.ConnectionString) = (Npgsql, database));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (Npgsql, database));
    }
}
