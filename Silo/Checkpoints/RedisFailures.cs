using Orleans.FL.Silo.Databases;
using StackExchange.Redis;

namespace Orleans.FL.Silo.Checkpoints;

/// <summary>What goes wrong with checkpoints in Redis.</summary>
internal static class RedisFailures
{
    /// <summary>Whether it may be over when the server is asked again.</summary>
    /// <param name="e">What its client threw.</param>
    public static bool IsTransient(Exception e) => e switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => false,
        RedisConnectionException or RedisTimeoutException => true,
        RedisServerException =>
            Says(e, "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOSCRIPT", "READONLY", "BUSY"),
        _ => false,
    };

    /// <summary>The sentence for a failure; null if it is none of the server.</summary>
    /// <param name="e">What its client threw.</param>
    /// <param name="configuration">A configuration string without an error.</param>
    public static string? Sentence(Exception e, string configuration) => e switch
    {
        RedisServerException when Says(e, "OOM") =>
            $"{RedisConnection.Describe(configuration)} has no memory left; raise its maxmemory, or keep checkpoints "
                + "in PostgreSQL. "
            + "The checkpoint before this one is as it was.",
        RedisServerException when Says(e, "MISCONF") =>
            $"{RedisConnection.Describe(configuration)} cannot write to its disk; free space there. "
            + "The checkpoint before this one is as it was.",
        RedisException or RedisTimeoutException => RedisConnection.Sentence(e, configuration),
        _ => null,
    };

    private static bool Says(Exception e, params string[] codes) =>
        codes.Any(c => e.Message.StartsWith(c, StringComparison.Ordinal));
}
