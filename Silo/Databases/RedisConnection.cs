using System.Net;
using StackExchange.Redis;

namespace Orleans.FL.Silo.Databases;

/// <summary>Reads configuration strings of Redis and opens them, with sentences for what goes wrong.</summary>
internal static class RedisConnection
{
    private const int ConnectsWithinMilliseconds = 5000;

    /// <summary>
    /// What is wrong with a configuration string; null if nothing is. Does not repeat it, for its password.
    /// </summary>
    /// <param name="configuration">The configuration string.</param>
    public static string? ValidationError(string configuration) => Parse(configuration) switch
    {
        null => "this is no configuration string of Redis; an example: db:6379,password=secret",
        { EndPoints.Count: 0 } => "the configuration string names no server; begin it with HOST:PORT.",
        _ => null,
    };

    /// <summary>The servers in words.</summary>
    /// <param name="configuration">A configuration string without an error.</param>
    public static string Describe(string configuration) => Describe(Parse(configuration)!); // without an error

    /// <summary>The options that silos use: a server that is away for a while does not end them.</summary>
    /// <param name="configuration">A configuration string without an error.</param>
    /// <param name="silo">Name of the silo, which the server then shows.</param>
    public static ConfigurationOptions OfSilo(string configuration, string silo)
    {
        var options = Parse(configuration)!; // without an error
        options.AbortOnConnectFail = false;
        options.ClientName ??= $"orleans-fl-{silo}".Replace(' ', '-'); // Redis takes no spaces
        return options;
    }

    /// <summary>Connects.</summary>
    /// <param name="configuration">A configuration string without an error.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ClusterDatabaseException">It cannot.</exception>
    public static async Task<ConnectionMultiplexer> Open(string configuration, CancellationToken cancellation)
    {
        var options = Parse(configuration)!; // without an error
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        options.ConnectTimeout = ConnectsWithinMilliseconds;
        options.AllowAdmin = true; // its client asks for INFO only so
        try
        {
            return await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellation);
        }
        catch (RedisConnectionException e)
        {
            throw new ClusterDatabaseException(Sentence(e, configuration));
        }
    }

    /// <summary>Says what a server did not do.</summary>
    /// <param name="exception">What its client threw.</param>
    /// <param name="configuration">A configuration string without an error.</param>
    public static string Sentence(Exception exception, string configuration) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
            WrongPassword(configuration),
        RedisServerException e when IsAbout(e, "NOAUTH", "WRONGPASS") => WrongPassword(configuration),
        RedisServerException e when IsAbout(e, "NOPERM") =>
            $"{Describe(configuration)}: the user has not the right that is needed ({e.Message.TrimEnd('.')}); "
            + "grant it all commands on all keys.",
        RedisServerException e when IsAbout(e, "READONLY") =>
            $"{Describe(configuration)} is a replica that takes no writes; name the primary.",
        RedisServerException e => $"{Describe(configuration)} refuses: {e.Message}",
        _ => $"{Describe(configuration)} cannot be reached; start the server, or correct HOST:PORT of the "
            + "configuration string.",
    };

    /// <summary>Says that the server was lost, if that is what an exception is about.</summary>
    /// <param name="exception">What the start of a silo threw.</param>
    /// <param name="configuration">A configuration string without an error.</param>
    public static string? Loss(Exception exception, string configuration) => exception switch
    {
        RedisException or RedisTimeoutException => Sentence(exception, configuration),
        AggregateException all =>
            all.InnerExceptions.Select(e => Loss(e, configuration)).FirstOrDefault(s => s is not null),
        { InnerException: { } inner } => Loss(inner, configuration),
        _ => null,
    };

    private static string WrongPassword(string configuration) =>
        $"{Describe(configuration)} does not let this user in; check user and password of the configuration string.";

    private static bool IsAbout(RedisServerException exception, params string[] codes) =>
        codes.Any(c => exception.Message.Contains(c, StringComparison.Ordinal));

    private static string Describe(ConfigurationOptions options) =>
        $"Redis at {string.Join(", ", options.EndPoints.Select(Name))}";

    private static string Name(EndPoint endpoint) =>
        // a DnsEndPoint's own words are others
        endpoint is DnsEndPoint name ? $"{name.Host}:{name.Port}" : $"{endpoint}";

    private static ConfigurationOptions? Parse(string configuration)
    {
        try
        {
            var options = ConfigurationOptions.Parse(configuration);
            options.SetDefaultPorts();
            return options;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            return null; // its message repeats parts of the text
        }
    }
}
