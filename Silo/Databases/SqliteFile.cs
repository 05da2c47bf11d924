using Microsoft.Data.Sqlite;
using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Silo.Databases;

/// <summary>
/// The file that keeps the state of grains of the silos of one machine: it lies beside the runs that it knows.
/// </summary>
/// <param name="runs">Folder of the runs.</param>
internal sealed class SqliteFile(string runs)
{
    /// <summary>Its name.</summary>
    public const string Name = ".orleans-fl.db";

    /// <summary>Where it is.</summary>
    public string File => Path.Combine(Path.GetFullPath(runs), Name);

    /// <summary>How to open it.</summary>
    /// <remarks>Not pooled: a write of Orleans that fails half-way would leave its transaction to the next
    /// user.</remarks>
    public string Connection =>
        new SqliteConnectionStringBuilder { DataSource = File, Pooling = false }.ConnectionString;

    /// <summary>Makes the file if it is not there.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterDatabaseException">It cannot be made or read.</exception>
    public async Task Prepare(CancellationToken cancellation)
    {
        try
        {
            OwnFile.MakeFolder(Path.GetFullPath(runs));
            OwnFile.Make(File); // what SQLite puts beside it gets its rights
            await using var connection = new SqliteConnection(Connection);
            await connection.OpenAsync(cancellation);
            // Silos that start at the same time take turns here.
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            if (await IsEmpty(connection, cancellation))
                foreach (var script in (string[])["Sqlite-Main", "Sqlite-Persistence"])
                    await Run(connection, SqlPart.Script(script), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new ClusterDatabaseException(
                $"--runs: {File}, which keeps the state of grains, cannot be opened ({e.Message.TrimEnd('.')}); "
                + "give a folder that this user may write, or move the file away if it is broken.");
        }
    }

    private static async Task<bool> IsEmpty(SqliteConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_schema";
        return await command.ExecuteScalarAsync(cancellation) is 0L;
    }

    private static async Task Run(SqliteConnection connection, string script, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = script;
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
