using Npgsql;

namespace Orleans.FL.Silo.Databases;

/// <summary>The tables, functions and queries of Orleans and of checkpoints in a PostgreSQL database.</summary>
internal static class PostgresTables
{
    private const string TakeTurns =
        "SET LOCAL lock_timeout = '30s'; SELECT pg_advisory_xact_lock(hashtext('orleans-fl cluster init'))";

    // Tables and functions that the session sees under the names of the scripts.
    private const string Names = """
        SELECT relname::text FROM pg_class WHERE pg_table_is_visible(oid) AND relname = ANY($1)
        UNION SELECT proname::text FROM pg_proc WHERE pg_function_is_visible(oid) AND proname = ANY($1)
        """;

    /// <summary>Makes what is absent, in one transaction; two at the same time take turns.</summary>
    /// <param name="database">A connection string without an error.</param>
    /// <param name="cancellation">Gives up; then nothing is made.</param>
    /// <returns>The names of the parts that were made; none if all was there.</returns>
    /// <exception cref="ClusterDatabaseException">It cannot, or holds something else; then nothing is made.</exception>
    public static async Task<IReadOnlyList<string>> Make(string database, CancellationToken cancellation)
    {
        await using var connection = await PostgresConnection.Open(database, cancellation);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await Execute(connection, TakeTurns, cancellation);
            var made = new List<string>();
            var found = await Find(connection, cancellation);
            foreach (var part in SqlPart.Postgres.Where(p => IsAbsent(p, found, database)))
            {
                await Execute(connection, part.Text, cancellation);
                made.Add(part.Name);
            }
            await transaction.CommitAsync(cancellation);
            return made;
        }
        catch (NpgsqlException e)
        {
            throw new ClusterDatabaseException(PostgresConnection.Sentence(e, database));
        }
    }

    /// <summary>Looks whether a silo can work with a database.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="database">Its connection string.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterDatabaseException">It cannot.</exception>
    public static async Task Check(NpgsqlConnection connection, string database, CancellationToken cancellation)
    {
        try
        {
            var found = await Find(connection, cancellation);
            if (SqlPart.Postgres.All(
                p => p.Queries.Keys.All(found.Queries.ContainsKey) && p.Tables.All(found.Names.Contains)))
                return;
            throw new ClusterDatabaseException(
                $"{PostgresConnection.Describe(database)} has no tables for silos, or not all; "
                + "make them once with: flctl cluster init --postgres CONNECTION");
        }
        catch (NpgsqlException e)
        {
            throw new ClusterDatabaseException(PostgresConnection.Sentence(e, database));
        }
    }

    private static bool IsAbsent(SqlPart part, Found found, string database)
    {
        string[] all = [.. part.Tables, .. part.Functions, .. part.Queries.Keys];
        string[] missing = [.. all.Where(n => !found.Names.Contains(n) && !found.Queries.ContainsKey(n))];
        if (missing.Length == all.Length) return true;
        if (missing.Length > 0)
            throw new ClusterDatabaseException($"{PostgresConnection.Describe(database)} is half made: of {part.Name}, "
                + $"{string.Join(", ", missing)} is missing. It is left as it is: give an empty database, or drop "
                + "what is there.");
        if (part.Queries.FirstOrDefault(q => found.Queries[q.Key] != q.Value).Key is { } other)
            throw new ClusterDatabaseException(
                $"{PostgresConnection.Describe(database)} was made for another version of Orleans "
                + $"({other} differs). It is left as it is: give another database, or bring this one up to date "
                + "with the migration scripts of Orleans.");
        return false;
    }

    private static async Task<Found> Find(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var names = new HashSet<string>();
        await using var sought = new NpgsqlCommand(Names, connection);
        sought.Parameters.AddWithValue(SqlPart.Postgres.SelectMany(p => p.Tables.Concat(p.Functions)).ToArray());
        await Read(sought, r => names.Add(r.GetString(0)), cancellation);
        var queries = new Dictionary<string, string>();
        if (!names.Contains("orleansquery")) return new(names, queries);
        await using var all = new NpgsqlCommand("SELECT QueryKey, QueryText FROM OrleansQuery", connection);
        await Read(all, r => queries[r.GetString(0)] = r.GetString(1), cancellation);
        return new(names, queries);
    }

    private static async Task Read(NpgsqlCommand command, Action<NpgsqlDataReader> row, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) row(reader);
    }

    private static async Task Execute(NpgsqlConnection connection, string script, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(script, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>What a database holds.</summary>
    private sealed record Found(IReadOnlySet<string> Names, IReadOnlyDictionary<string, string> Queries);
}
