using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orleans.FL.Benchmarks.Runs;
using Orleans.FL.Benchmarks.Transfer;
using Orleans.FL.ClientCli.Benchmarking.Probes;

namespace Orleans.FL.Benchmarks.Cluster;

/// <summary>
/// Silo processes of this clone on a Redis server of their own, all on loopback; gone when disposed of.
/// </summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-fl-cluster-").FullName;
    private readonly List<(Process Process, int Gateway)> _silos = [];
    private readonly int _redisPort = FreePort();
    private Process? _redis;

    private string Database => $"127.0.0.1:{_redisPort}";

    /// <summary>Starts silos and waits until they are up.</summary>
    /// <param name="silos">How many.</param>
    /// <param name="lanes">Lanes of each.</param>
    public static async Task<SiloCluster> Start(int silos, int lanes)
    {
        var cluster = new SiloCluster();
        try
        {
            cluster._redis = Launch("redis-server", "--port", $"{cluster._redisPort}", "--bind", "127.0.0.1", "--dir",
                cluster._folder, "--appendonly", "yes", "--save", "");
            await LineOf(cluster._redis, "Ready to accept connections");
            _ = cluster._redis.StandardOutput.ReadToEndAsync(); // so that it never waits for a reader
            for (var i = 0; i < silos; i++) await cluster.Add(lanes);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs an experiment to its end.</summary>
    /// <param name="config">Its file, from the root.</param>
    /// <param name="set">Values that differ from the file's.</param>
    /// <returns>Processor seconds of all silos, and seconds, from the end of the first round, which compiles code, to
    /// the end of the last.</returns>
    public async Task<(double Cpu, double Seconds)> Rounds(string config, string[] set)
    {
        using var flctl = Flctl(["start", "--config", config, "--json", .. Set(set)], 0);
        await LineOf(flctl, "\"event\":\"round\"");
        var (before, clock) = (Cpu(), Stopwatch.StartNew());
        await LineOf(flctl, "\"event\":\"finished\"");
        return (Cpu() - before, clock.Elapsed.TotalSeconds);
    }

    /// <summary>Kills one of the silos in the middle of a run.</summary>
    /// <param name="config">The experiment's file, from the root.</param>
    /// <param name="set">Values that differ from the file's.</param>
    /// <param name="coordinator">Whether to kill the silo that coordinates the run.</param>
    /// <returns>Seconds from the kill to the next round that is done.</returns>
    public async Task<double> Recover(string config, string[] set, bool coordinator)
    {
        using var start = Flctl(["start", "--config", config, "--detach", "--run", "recovery", .. Set(set)], 0);
        await start.WaitForExitAsync();
        // The silo with the run's folder coordinates it.
        var at = Enumerable.Range(0, _silos.Count)
            .First(i => Directory.Exists(Path.Combine(_folder, $"runs-{i}", "recovery")));
        var victim = coordinator ? at : (at + 1) % _silos.Count;
        using var watcher = Flctl(["watch", "recovery", "--json"],
            Enumerable.Range(0, _silos.Count).First(i => i != victim && i != at));
        for (var i = 0; i < 10; i++) await LineOf(watcher, "\"event\":\"round\"");
        _silos[victim].Process.Kill();
        var clock = Stopwatch.StartNew();
        await LineOf(watcher, "\"event\":\"reseated\"");
        await LineOf(watcher, "\"event\":\"round\"");
        var seconds = clock.Elapsed.TotalSeconds;
        watcher.Kill();
        return seconds;
    }

    /// <summary>The most memory that a silo was resident with since its start. Linux only: reads /proc.</summary>
    public long PeakBytes() => _silos.Max(s => Resident.Peak(s.Process.Id));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _silos.Select(s => s.Process).Append(_redis).OfType<Process>())
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    private async Task Add(int lanes)
    {
        var (index, gateway) = (_silos.Count, FreePort());
        var silo = Launch("dotnet", Built("Silo", "Orleans.FL.Silo.dll"), "--clustering", "redis", "--database",
            Database, "--name", $"silo-{index}", "--lanes", $"{lanes}", "--silo-port", $"{FreePort()}",
            "--gateway-port", $"{gateway}", "--http-port", $"{FreePort()}", "--device", "cpu",
            "--runs", Path.Combine(_folder, $"runs-{index}"));
        _silos.Add((silo, gateway));
        await LineOf(silo, "is up");
        _ = silo.StandardOutput.ReadToEndAsync();
    }

    private Process Flctl(string[] args, int silo) =>
        Launch("dotnet", [Built("ClientCli", "flctl.dll"), .. args, "--silo", $"127.0.0.1:{_silos[silo].Gateway}"]);

    private double Cpu() => _silos.Sum(s =>
    {
        s.Process.Refresh();
        return s.Process.TotalProcessorTime.TotalSeconds;
    });

    private static string[] Set(string[] values) => [.. values.SelectMany(v => (string[])["--set", v])];

    private static string Built(string project, string file) =>
        Path.Combine(Clone.Root(), "artifacts/bin", project, "release", file);

    private static Process Launch(string program, params string[] args) =>
        Process.Start(
            new ProcessStartInfo(program, args) { RedirectStandardOutput = true, WorkingDirectory = Clone.Root() })
            ?? throw new MeasurementException($"{program} did not start.");

    private static async Task<string> LineOf(Process process, string text)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            if (line.Contains(text, StringComparison.Ordinal)) return line;
        throw new MeasurementException(
            $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} ended without '{text}'.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
