namespace Orleans.FL.Silo.Databases;

/// <summary>Makes a database ready for the silos of a cluster; done once, and harmless when done again.</summary>
public static class ClusterInit
{
    /// <summary>What is wrong with a connection; null if nothing is. The sentence holds no secret.</summary>
    /// <param name="kind">What the database is.</param>
    /// <param name="database">The connection string.</param>
    public static string? ValidationError(ClusteringKind kind, string database) => kind switch
    {
        ClusteringKind.Postgres => PostgresConnection.ValidationError(database),
        ClusteringKind.Redis => RedisConnection.ValidationError(database),
        _ => "localhost clustering has no database.",
    };

    /// <summary>Makes what the silos need.</summary>
    /// <param name="kind">What the database is; not localhost.</param>
    /// <param name="database">A connection string without an error.</param>
    /// <param name="cancellation">Gives up; then nothing is made.</param>
    /// <exception cref="ClusterDatabaseException">It cannot be done; nothing is.</exception>
    public static Task<ClusterInitReport> Run(
        ClusteringKind kind, string database, CancellationToken cancellation = default) =>
        kind switch
        {
            ClusteringKind.Postgres => Postgres(database, cancellation),
            ClusteringKind.Redis => Redis(database, cancellation),
            _ => throw new ArgumentException("Localhost clustering has no database.", nameof(kind)),
        };

    private static async Task<ClusterInitReport> Postgres(string database, CancellationToken cancellation)
    {
        var made = await PostgresTables.Make(database, cancellation);
        var where = PostgresConnection.Describe(database);
        return new(made.Count > 0
            ? $"{where}: made the tables ({string.Join(", ", made).ToLowerInvariant()})."
            : $"{where}: all tables are there; nothing was changed.", []);
    }

    private static async Task<ClusterInitReport> Redis(string configuration, CancellationToken cancellation)
    {
        await using var server = await RedisConnection.Open(configuration, cancellation);
        await RedisServerCheck.MayWrite(server, configuration, cancellation);
        return new($"{RedisConnection.Describe(configuration)} answers and may be written; nothing else is needed.",
            await RedisServerCheck.Warnings(server));
    }
}

/// <summary>The result of making a database ready.</summary>
/// <param name="Done">A sentence.</param>
/// <param name="Warnings">What would lose state later, a sentence each.</param>
public sealed record ClusterInitReport(string Done, IReadOnlyList<string> Warnings);
