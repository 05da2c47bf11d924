using System.Text.Json;
using Orleans.FL.ClientCli.Benchmarking.Plain;

namespace Orleans.FL.Benchmarks.Runs;

/// <summary><c>plain-loop</c>: runs the plain loop alone in this process and prints the time that it took.</summary>
internal static class PlainLoopArguments
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Runs an experiment file.</summary>
    /// <param name="args">--config FILE [--set PATH=VALUE …]</param>
    /// <returns>One JSON object.</returns>
    public static string Run(string[] args)
    {
        var (file, changes) = Parse(args);
        return JsonSerializer.Serialize(PlainReport.Of(file, changes), Json);
    }

    private static (string File, List<string> Changes) Parse(string[] args)
    {
        string? file = null;
        List<string> changes = [];
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            if (args[i] == "--config") file = args[i + 1];
            else if (args[i] == "--set") changes.Add(args[i + 1]);
            else throw new ArgumentException(
                $"plain-loop has no option '{args[i]}'; it takes --config FILE and --set PATH=VALUE.");
        }
        if (args.Length % 2 != 0 || file is null) throw new ArgumentException("plain-loop needs --config FILE.");
        return (file, changes);
    }
}
