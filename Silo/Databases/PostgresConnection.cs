using Npgsql;

namespace Orleans.FL.Silo.Databases;

/// <summary>Reads connection strings of PostgreSQL and opens them, with sentences for what goes wrong.</summary>
internal static class PostgresConnection
{
    private const int ConnectsWithinSeconds = 5;

    // A silo makes few calls at a time; a hundred silos must not use up the server's connections.
    private const int PoolOfSilo = 10;

    /// <summary>
    /// What is wrong with a connection string; null if nothing is. Never repeats it: it may hold a password.
    /// </summary>
    /// <param name="connection">The connection string.</param>
    public static string? ValidationError(string connection) => Parse(connection) switch
    {
        null => "this is no connection string of PostgreSQL; an example: "
            + "Host=db;Database=fl;Username=fl;Password=secret "
            + "(quote a value that holds ; or =).",
        { Host: null or "" } => "the connection string names no server; add Host=NAME.",
        _ => null,
    };

    /// <summary>Server, database and user in words.</summary>
    /// <param name="connection">A connection string without an error.</param>
    public static string Describe(string connection)
    {
        var parts = Parse(connection)!; // without an error
        return $"PostgreSQL at {parts.Host}:{parts.Port}, database {parts.Database ?? parts.Username}";
    }

    /// <summary>The connection string that silos use.</summary>
    /// <param name="connection">A connection string without an error.</param>
    /// <param name="silo">Name of the silo, which the database then shows.</param>
    public static string OfSilo(string connection, string silo)
    {
        var parts = Parse(connection)!; // without an error
        if (!Says(parts, "Application Name")) parts.ApplicationName = $"orleans-fl {silo}";
        if (!Says(parts, "Maximum Pool Size")) parts.MaxPoolSize = PoolOfSilo;
        return parts.ConnectionString;
    }

    /// <summary>Connects.</summary>
    /// <param name="connection">A connection string without an error.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterDatabaseException">It cannot.</exception>
    public static async Task<NpgsqlConnection> Open(string connection, CancellationToken cancellation)
    {
        var parts = Parse(connection)!; // without an error
        (parts.Pooling, parts.Timeout) = (false, ConnectsWithinSeconds);
        var opened = new NpgsqlConnection(parts.ConnectionString);
        try
        {
            await opened.OpenAsync(cancellation);
            return opened;
        }
        catch (Exception e)
        {
            await opened.DisposeAsync();
            if (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
                throw new ClusterDatabaseException(Sentence(e, connection));
            throw;
        }
    }

    /// <summary>Says what a database did not do.</summary>
    /// <param name="exception">What its client threw.</param>
    /// <param name="connection">A connection string without an error.</param>
    public static string Sentence(Exception exception, string connection)
    {
        var (where, user) = (Describe(connection), Parse(connection)!.Username);
        return exception switch
        {
            PostgresException
            {
                SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification,
            } =>
                $"{where} does not let user {user} in; check Username and Password of the connection string.",
            PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
                $"{where}: there is no such database; an administrator makes it with: CREATE DATABASE … OWNER {user};",
            PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } e =>
                $"{where}: user {user} has not the right that is needed ({e.MessageText}); "
                + $"an administrator makes the user owner of the database, or: GRANT CREATE ON SCHEMA public TO "
                + $"{user};",
            PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } =>
                $"{where}: another 'flctl cluster init' is at work; try again when it is done.",
            PostgresException e => $"{where} refuses: {e.MessageText} (SQLSTATE {e.SqlState}).",
            _ => $"{where} cannot be reached ({(exception.InnerException ?? exception).Message.TrimEnd('.')}); "
                + "start the server, or correct Host and Port of the connection string.",
        };
    }

    /// <summary>Says that the database was lost, if that is what an exception is about.</summary>
    /// <param name="exception">What the start of a silo threw.</param>
    /// <param name="connection">A connection string without an error.</param>
    public static string? Loss(Exception exception, string connection) => exception switch
    {
        NpgsqlException => Sentence(exception, connection),
        AggregateException all =>
            all.InnerExceptions.Select(e => Loss(e, connection)).FirstOrDefault(s => s is not null),
        { InnerException: { } inner } => Loss(inner, connection),
        _ => null,
    };

    // Not ContainsKey: that says whether there is such a key, not whether it was given.
    private static bool Says(NpgsqlConnectionStringBuilder parts, string key)
    {
        ICollection<string> given = parts.Keys;
        return given.Contains(key);
    }

    private static NpgsqlConnectionStringBuilder? Parse(string connection)
    {
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(connection);
            // Else each new connection first asks Kerberos for a ticket, on a thread of the pool, and waits for the
            // network's name server: where that does not answer, a silo that connects a few times has no thread left
            // for its calls.
            if (!Says(parts, "GSS Encryption Mode")) parts.GssEncryptionMode = GssEncryptionMode.Disable;
            return parts;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException)
        {
            return null; // its message repeats parts of the text
        }
    }
}
