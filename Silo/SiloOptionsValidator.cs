using System.Net;
using Microsoft.Extensions.Options;
using Orleans.FL.Learning.Training;
using Orleans.FL.Silo.Security;

namespace Orleans.FL.Silo;

/// <summary>Finds every fault of a silo's options; each is a sentence that begins with the flag.</summary>
public sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        string[] faults = [.. Ports(options), .. PrimaryFaults(options), .. Others(options), .. SecurityValidator.Faults(options)];
        return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Ports(SiloOptions options)
    {
        if (options.SiloPort is < 1 or > 65535)
            yield return $"--silo-port: {options.SiloPort} is no port; give one from 1 to 65535.";
        if (options.GatewayPort is < 0 or > 65535)
            yield return $"--gateway-port: {options.GatewayPort} is no port; give one from 1 to 65535, or 0 for no gateway.";
        if (options.HttpPort is < 0 or > 65535)
            yield return $"--http-port: {options.HttpPort} is no port; give one from 1 to 65535, or 0 for any free one.";
        int[] given = [.. new[] { options.SiloPort, options.GatewayPort, options.HttpPort }.Where(p => p != 0)];
        foreach (var port in given.GroupBy(p => p).Where(g => g.Count() > 1).Select(g => g.Key))
            yield return $"--silo-port, --gateway-port and --http-port must differ; {port} is given twice.";
    }

    private static IEnumerable<string> PrimaryFaults(SiloOptions options)
    {
        if (options.Primary.Length == 0) yield break;
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
        if (LaneDevice.Refusal(options.Device) is { } refusal) yield return $"--device: {refusal}";
        if (string.IsNullOrWhiteSpace(options.Runs))
            yield return "--runs: a folder is needed; leave it out for ./runs.";
    }
}
