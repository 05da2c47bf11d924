using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Orleans.FL.Cluster.Tests;

/// <summary>A folder with toy data, an experiment and runs, and the programs that work in it.</summary>
public sealed class Workbench : IDisposable
{
    private static readonly HashSet<int> Given = [];
    private static readonly ConcurrentDictionary<string, Lazy<Task<JsonElement>>> Simulations = [];

    public Workbench()
    {
        var digits = Directory.CreateDirectory(Path.Combine(Folder, "data", "digits")).FullName;
        File.WriteAllText(Path.Combine(digits, "digits.csv"), ToyDigits());
        File.WriteAllText(Path.Combine(Folder, "toy.json"), """
            { "name": "toy", "seed": 3, "nodes": 5, "rounds": 3, "algorithm": { "name": "scaffold" },
              "topology": { "name": "star" },
              "dataset": { "name": "digits" },
              "partitioner": { "name": "dirichlet", "alpha": 0.5, "samplesPerNode": 60 },
              "model": { "name": "mlp", "hidden": [16] }, "training": { "batchSize": 20 } }
            """);
    }

    /// <summary>Where everything is.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("orleans-fl-").FullName;

    /// <summary>A port that nobody listens on, and that was given to nobody else.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (Given)
            {
                if (Given.Add(port)) return port;
            }
        }
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Starts flctl.</summary>
    /// <param name="args">Its arguments.</param>
    internal RunningProgram Flctl(params string[] args) => Start("flctl.dll", args);

    /// <summary>Runs flctl to its end.</summary>
    /// <param name="args">Its arguments.</param>
    internal async Task<(int Code, string[] Output, string[] Error)> Run(params string[] args)
    {
        await using var program = Flctl(args);
        return (await program.End(), program.Output, program.Error);
    }

    /// <summary>Runs flctl to its end.</summary>
    /// <param name="args">Its arguments, --json among them.</param>
    /// <returns>The last object that it printed.</returns>
    internal async Task<JsonElement> Last(params string[] args)
    {
        var (code, output, error) = await Run(args);
        return code == 0
            ? JsonDocument.Parse(output[^1]).RootElement
            : throw new InvalidOperationException(
                $"flctl exited with {code}: {string.Join('\n', [.. output, .. error])}");
    }

    /// <summary>
    /// The last event of <c>flctl simulate toy.json</c>: the same on every workbench, so it is asked for once.
    /// </summary>
    /// <param name="set">Values that differ from the file's.</param>
    internal Task<JsonElement> Simulated(params string[] set) => Simulations.GetOrAdd(string.Join(' ', set),
        _ => new(() => Last(["simulate", "toy.json", .. set.SelectMany(s => (string[])["--set", s]), "--json"]))).Value;

    internal RunningProgram Start(string assembly, string[] args, params (string Name, string Value)[] environment) =>
        Start(Machine.Here, assembly, args, environment);

    internal RunningProgram Start(
        Machine machine, string assembly, string[] args, params (string Name, string Value)[] environment) =>
        new(assembly, args, Folder, machine, [("ORLEANS_FL_DATA", Path.Combine(Folder, "data")),
            ("XDG_CONFIG_HOME", Path.Combine(Folder, "config")), .. environment]);

    /// <summary>1797 rows of 8 x 8 pixels from 0 to 16 and a label: each digit lights a block of its own.</summary>
    private static string ToyDigits()
    {
        var text = new StringBuilder();
        for (var row = 0; row < 1797; row++)
        {
            var label = row % 10;
            for (var pixel = 0; pixel < 64; pixel++)
            {
                var noise = ((row * 31) + (pixel * 17)) % 5;
                text.Append(pixel / 6 == label ? 12 + noise : noise).Append(',');
            }
            text.Append(label).Append('\n');
        }
        return text.ToString();
    }
}
