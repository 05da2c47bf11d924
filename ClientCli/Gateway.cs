using Orleans.FL.Silo;
using Spectre.Console;

namespace Orleans.FL.ClientCli;

/// <summary>Where flctl looks for a silo.</summary>
internal static class Gateway
{
    /// <summary>Environment variable that names another silo than that of this machine.</summary>
    public const string Variable = "ORLEANS_FL_SILO";

    public const string Option = "--silo <HOST:PORT>";

    public const string Help = "Gateway of the silo; by default $ORLEANS_FL_SILO or 127.0.0.1:30000.";

    /// <summary>The gateway if the command line names none.</summary>
    public static string Default =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : "127.0.0.1:30000";

    /// <summary>Name of the silo's cluster, in the variable that silos read as well.</summary>
    public static string Cluster =>
        Environment.GetEnvironmentVariable("ORLEANS_FL_CLUSTER") is { Length: > 0 } named ? named : SiloHost.Cluster;

    /// <summary>Whether a text names a gateway.</summary>
    /// <param name="text">HOST:PORT.</param>
    public static ValidationResult Check(string text) =>
        text.LastIndexOf(':') is var at and > 0 && int.TryParse(text[(at + 1)..], out var port) && port is > 0 and < 65536
            ? ValidationResult.Success()
            : ValidationResult.Error($"--silo: '{text}' names no silo; give HOST:PORT, such as 127.0.0.1:30000.");
}
