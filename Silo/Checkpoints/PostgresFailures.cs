using System.Net.Sockets;
using Npgsql;
using Orleans.FL.Silo.Databases;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>What goes wrong with checkpoints in PostgreSQL.</summary>
internal static class PostgresFailures
{
    private const string IdleInTransaction = "25P03";

    /// <summary>Whether it may be over when the server is asked again.</summary>
    /// <param name="e">What its client threw.</param>
    /// <remarks>What a server says while it stops, starts or is too busy; and whatever befell the connection.</remarks>
    public static bool IsTransient(Exception e) => e switch
    {
        PostgresException p => p.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.TooManyConnections
            or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.SerializationFailure
            or PostgresErrorCodes.DeadlockDetected or IdleInTransaction,
        NpgsqlException or TimeoutException or SocketException or IOException => true,
        _ => false,
    };

    /// <summary>The sentence for a failure; null if it is none of the server.</summary>
    /// <param name="e">What its client threw.</param>
    /// <param name="connection">A connection string without an error.</param>
    public static string? Sentence(Exception e, string connection) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } =>
            $"{PostgresConnection.Describe(connection)} has no tables for checkpoints; "
            + "make them once with: flctl cluster init --postgres CONNECTION",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory } full =>
            $"{PostgresConnection.Describe(connection)} has no room ({full.MessageText}); free space there. "
            + "The checkpoint before this one is as it was.",
        NpgsqlException or TimeoutException or SocketException or IOException =>
            PostgresConnection.Sentence(e, connection),
        _ => null,
    };
}
