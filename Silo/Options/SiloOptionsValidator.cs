using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Silo.Databases;

namespace Orleans.FL.Silo.Options;

/// <summary>Finds every error of a silo's options; each is a sentence that begins with the flag.</summary>
public sealed partial class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        string[] errors =
        [
            .. Ports(options), .. Addresses(options), .. PrimaryErrors(options), .. ClusterErrors(options),
            .. Others(options),
            .. SecurityValidator.Errors(options),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Ports(SiloOptions options)
    {
        if (options.SiloPort is < 1 or > 65535)
            yield return $"--silo-port: {options.SiloPort} is no port; give one from 1 to 65535.";
        if (options.GatewayPort is < 0 or > 65535)
            yield return $"--gateway-port: {options.GatewayPort} is no port; give one from 1 to 65535, or 0 for no "
                + "gateway.";
        if (options.HttpPort is < 0 or > 65535)
            yield return $"--http-port: {options.HttpPort} is no port; give one from 1 to 65535, or 0 for any free "
                + "one.";
        int[] given = [.. new[] { options.SiloPort, options.GatewayPort, options.HttpPort }.Where(p => p != 0)];
        foreach (var port in given.GroupBy(p => p).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return $"--silo-port, --gateway-port and --http-port must differ; {port} is given twice.";
    }

    private static IEnumerable<string> Addresses(SiloOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out var bind))
        {
            yield return $"--bind: '{options.Bind}' is no IP address; give one of this machine, such as 10.0.0.1, "
                + "or 0.0.0.0 for all of them.";
            yield break;
        }
        var any = IsAny(bind);
        if (options.Clustering == ClusteringKind.Localhost && !IPAddress.IsLoopback(bind))
            yield return $"--bind: localhost clustering is for one machine and does not go with {options.Bind}; "
                + "leave it out, or give --clustering postgres or redis.";
        else if (options.Advertise.Length > 0
            && (!IPAddress.TryParse(options.Advertise, out var advertised) || IsAny(advertised)))
            yield return $"--advertise: '{options.Advertise}' is no IP address that others can call; "
                + "give one, such as 10.0.0.1.";
        else if (options.Advertise.Length == 0 && any)
            yield return $"--advertise: with --bind {options.Bind}, name the address of this machine that others "
                + "reach it by.";
        else if (options.Advertise.Length > 0 && IPAddress.IsLoopback(bind) && !options.AdvertisedAddress.Equals(bind))
            yield return $"--advertise: nobody reaches this silo at {options.Advertise}, for it listens on "
                + $"{options.Bind}; "
                + "give --bind as well.";
    }

    private static IEnumerable<string> ClusterErrors(SiloOptions options)
    {
        if (!ClusterName().IsMatch(options.Cluster))
            yield return $"--cluster: '{options.Cluster}' is no name; give 1 to 64 letters, digits, '.', '_' or '-'.";
        if (options.Clustering == ClusteringKind.Localhost)
        {
            if (options.Database.Length > 0)
                yield return "--database: goes with --clustering postgres or redis; localhost clustering has none.";
            if (options.Checkpoints == CheckpointPlace.Database)
                yield return "--checkpoints: localhost clustering has no database; give folder, "
                    + "or --clustering postgres or redis.";
        }
        else if (options.Database.Length == 0)
            yield return $"--database: --clustering {Word(options.Clustering)} needs a connection to its database; "
                + "set the variable ORLEANS_FL_DATABASE to it.";
        else if (ClusterInit.ValidationError(options.Clustering, options.Database) is { } error)
            yield return $"--database: {error}";
        foreach (var error in SiloLabels.Parse(options.Labels).Errors) yield return $"--labels: {error}";
    }

    private static string Word(ClusteringKind kind) => $"{kind}".ToLowerInvariant();

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IEnumerable<string> PrimaryErrors(SiloOptions options)
    {
        if (options.Primary.Length == 0) yield break;
        if (options.Clustering != ClusteringKind.Localhost)
        {
            yield return $"--primary: goes with localhost clustering only; with {Word(options.Clustering)} silos find "
                + "each other "
                + "in the database.";
            yield break;
        }
        var endpoint = options.PrimaryEndpoint();
        if (endpoint is null || !IPAddress.IsLoopback(endpoint.Address))
            yield return $"--primary: '{options.Primary}' names no silo of this machine; give 127.0.0.1:PORT, "
                + "where PORT is the --silo-port of the silo to join.";
        else if (endpoint.Port == options.SiloPort)
            yield return $"--primary: {options.Primary} is this silo's own endpoint; give another --silo-port, "
                + "or leave out --primary to begin a cluster.";
    }

    private static IEnumerable<string> Others(SiloOptions options)
    {
        if (options.Lanes is < 0 or > 1024)
            yield return $"--lanes: {options.Lanes} is out of range; give 1 to 1024, or 0 for one a core.";
        if (options.StateMemory < 0)
            yield return $"--state-memory: {options.StateMemory} is out of range; give a number of MiB, or 0 for half "
                + "of the machine's memory.";
        if (LaneDevice.Refusal(options.Device) is { } refusal) yield return $"--device: {refusal}";
        if (options.HandOverSeconds is < 0 or > 3600)
            yield return $"--hand-over-seconds: {options.HandOverSeconds} is out of range; give 1 to 3600, or 0 for "
                + "none.";
        if (options.TransferWindow is < 1 or > 64)
            yield return $"--transfer-window: {options.TransferWindow} is out of range; give 1 to 64.";
        if (string.IsNullOrWhiteSpace(options.Runs))
            yield return "--runs: a folder is needed; leave it out for ./runs.";
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex ClusterName();
}
