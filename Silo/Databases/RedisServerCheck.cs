using StackExchange.Redis;

namespace Orleans.FL.Silo.Databases;

/// <summary>Looks whether a Redis server does for a cluster.</summary>
internal static class RedisServerCheck
{
    private static readonly RedisKey Probe = "orleans-fl/probe";
    private static readonly TimeSpan ProbeLives = TimeSpan.FromMinutes(1);

    /// <summary>Writes a key and runs a script, both of which silos need.</summary>
    /// <param name="server">An open connection.</param>
    /// <param name="configuration">Its configuration string.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterDatabaseException">The server refuses.</exception>
    public static async Task MayWrite(
        ConnectionMultiplexer server, string configuration, CancellationToken cancellation)
    {
        try
        {
            var database = server.GetDatabase();
            await database.StringSetAsync(Probe, 1, ProbeLives).WaitAsync(cancellation);
            await database.ScriptEvaluateAsync("return redis.call('DEL', KEYS[1])", [Probe]).WaitAsync(cancellation);
        }
        catch (Exception e) when (e is RedisException or RedisTimeoutException)
        {
            throw new ClusterDatabaseException(RedisConnection.Sentence(e, configuration));
        }
    }

    /// <summary>What would lose the state of a cluster.</summary>
    /// <param name="server">An open connection.</param>
    /// <returns>A sentence each; none if the server keeps what it is given, or does not say.</returns>
    public static async Task<IReadOnlyList<string>> Warnings(ConnectionMultiplexer server)
    {
        var warnings = new List<string>();
        foreach (var one in server.GetServers().Where(s => s.IsConnected && !s.IsReplica))
        {
            var facts = await Facts(one);
            if (facts.GetValueOrDefault("aof_enabled") == "0")
                warnings.Add($"appendonly is off at {one.EndPoint}: a restart of Redis loses the state of runs "
                    + "since its last snapshot, or all of it. Switch it on: redis-cli config set appendonly yes, and "
                    + "in redis.conf.");
            if (facts.GetValueOrDefault("maxmemory_policy") is { } policy && policy != "noeviction"
                && facts.GetValueOrDefault("maxmemory") is not (null or "0"))
                warnings.Add($"maxmemory-policy is {policy} at {one.EndPoint}: Redis may throw away the state of runs. "
                    + "Set it to noeviction.");
        }
        return warnings;
    }

    private static async Task<Dictionary<string, string>> Facts(IServer server)
    {
        try
        {
            return (await server.InfoAsync()).SelectMany(section => section).GroupBy(fact => fact.Key)
                .ToDictionary(group => group.Key, group => group.First().Value);
        }
        catch (RedisServerException)
        {
            return []; // a user without the right to ask
        }
    }
}
