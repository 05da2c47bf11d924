using Orleans.FL.Silo.Options;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.ClientCli.Clusters;

/// <summary>A cluster that flctl can connect to.</summary>
/// <param name="Profile">Name of its profile; null if it is only an endpoint.</param>
/// <param name="Gateways">Gateways of its silos as HOST:PORT; one that answers is enough.</param>
/// <param name="ClusterId">Name that its silos have for it.</param>
/// <param name="Tls">flctl's certificate, and the authority of the silos'; null for connections without TLS.</param>
internal sealed record ClusterTarget(string? Profile, IReadOnlyList<string> Gateways, string ClusterId, TlsFiles? Tls)
{
    /// <summary>Environment variable that names a silo.</summary>
    public const string SiloVariable = "ORLEANS_FL_SILO";

    /// <summary>Environment variable that names a profile.</summary>
    public const string ProfileVariable = "ORLEANS_FL_PROFILE";

    /// <summary>
    /// Environment variable with the id of the cluster of a silo that no profile names; silos read it as well.
    /// </summary>
    public const string ClusterIdVariable = "ORLEANS_FL_CLUSTER";

    public const string SiloOption = "--silo <HOST:PORT>";

    public const string SiloHelp =
        "Gateway of a silo; by default $ORLEANS_FL_SILO, else the cluster, else 127.0.0.1:30000.";

    public const string ClusterOption = "--cluster <NAME>";

    public const string ClusterHelp =
        "Cluster by the name of its profile; by default $ORLEANS_FL_PROFILE, else the default profile. "
            + "See 'flctl cluster list'.";

    private const string HereIfNothingIsSaid = "127.0.0.1:30000";

    /// <summary>How sentences name where it is.</summary>
    public string Place => Profile is null ? Gateways[0] : $"{string.Join(", ", Gateways)} (cluster {Profile})";

    /// <summary>How sentences name it.</summary>
    public string Name => Profile is null ? $"the silo at {Gateways[0]}" : $"the cluster {Profile}";

    /// <summary>
    /// The target of a command line: what it names, else what the environment names, else the default.
    /// </summary>
    /// <param name="silo">--silo.</param>
    /// <param name="cluster">--cluster.</param>
    /// <param name="profiles">The user's profiles.</param>
    /// <param name="environment">Looks up an environment variable.</param>
    /// <exception cref="ProfileException">It names no gateway or no profile, or the profiles cannot be
    /// read.</exception>
    public static ClusterTarget Choose(
        string? silo, string? cluster, ClusterProfiles profiles, Func<string, string?> environment)
    {
        if (silo is not null && cluster is not null)
            throw new ProfileException("--silo and --cluster both say where the silo is; give one of them.");
        if (silo is not null) return Endpoint(silo, "--silo", environment);
        if (cluster is not null) return profiles.Get(cluster, "--cluster");
        if (environment(SiloVariable) is { Length: > 0 } named) return Endpoint(named, SiloVariable, environment);
        if (environment(ProfileVariable) is { Length: > 0 } profile) return profiles.Get(profile, ProfileVariable);
        return profiles.Default ?? Endpoint(HereIfNothingIsSaid, "", environment);
    }

    /// <summary>Why a text names no gateway; null if it names one.</summary>
    /// <param name="text">HOST:PORT.</param>
    public static string? ValidationError(string text) =>
        text.LastIndexOf(':') is var at and > 0 && int.TryParse(text[(at + 1)..], out var port)
            && port is > 0 and < 65536
            ? null
            : $"'{text}' names no silo; give HOST:PORT, such as {HereIfNothingIsSaid}.";

    private static ClusterTarget Endpoint(string text, string source, Func<string, string?> environment) =>
        ValidationError(text) is { } error
            ? throw new ProfileException($"{source}: {error}")
            : new(null, [text],
                environment(ClusterIdVariable) is { Length: > 0 } id ? id : SiloOptions.DefaultCluster, null);
}
