namespace Orleans.FL.Benchmarks.Cluster;

/// <summary>
/// What a cluster costs and how soon it recovers: real silo processes on a Redis server of their own.
/// </summary>
/// <param name="output">Where tables go.</param>
internal sealed class ClusterCommand(TextWriter output)
{
    private const string Job = "experiments/fashion-mnist/fedavg.json";

    // The quickstart's job with fewer rounds: its rounds are what is compared.
    private static readonly string[] Quickstart = ["rounds=4", "checkpoints.every=1"];
    private static readonly string[] Endless = ["rounds=100000", "model=mlp", "partitioner.samplesPerNode=60",
        "evaluation.testSamples=1000"];
    private static readonly string[] LargeModel = ["nodes=48", "rounds=3", "evaluation.testSamples=100",
        "partitioner={\"name\":\"iid\",\"samplesPerNode\":20}", "model={\"name\":\"mlp\",\"hidden\":[2048,1024]}",
        "checkpoints.every=0"];

    /// <summary>Runs.</summary>
    /// <param name="args">Names of measurements (none: all), <c>--repeats N</c>.</param>
    public async Task Run(string[] args)
    {
        var (names, repeats) = Parse(args);
        if (names.Contains("recovery")) await Recovery(repeats);
        if (names.Contains("silos")) await Silos(repeats);
        if (names.Contains("checkpoints")) await Checkpoints(repeats);
        if (names.Contains("aggregators")) await Aggregators(repeats);
    }

    /// <summary>
    /// Seconds from <c>kill -9</c> of a silo to the next round that is done, with the settings as they are shipped.
    /// </summary>
    private async Task Recovery(int repeats)
    {
        await output.WriteLineAsync(
            "| killed | to the next round, median s | longest s | kills | to reach |\n|---|---|---|---|---|");
        foreach (var coordinator in (bool[])[false, true])
        {
            var times = new List<double>();
            for (var i = 0; i < repeats; i++)
            {
                await using var cluster = await SiloCluster.Start(3, 1);
                times.Add(await cluster.Recover(Job, Endless, coordinator));
            }
            times.Sort();
            await output.WriteLineAsync($"| {(coordinator ? "the coordinator's silo" : "another silo")} | "
                + $"{times[times.Count / 2]:F1} | {times[^1]:F1} | {repeats} | ≤ 10 s |");
        }
    }

    /// <summary>
    /// Processor seconds of the same rounds on three silos and on one, the first round, which compiles code, apart.
    /// </summary>
    private async Task Silos(int repeats)
    {
        var pairs = new List<(double One, double Three)>();
        for (var i = 0; i < repeats; i++)
        {
            pairs.Add((await Cpu(1, 3, Quickstart), await Cpu(3, 1, Quickstart)));
        }
        var ratio = Middle([.. pairs.Select(p => p.Three / p.One)]);
        var one = Middle([.. pairs.Select(p => p.One)]);
        var three = Middle([.. pairs.Select(p => p.Three)]);
        await output.WriteLineAsync($"""
            | three silos over one, CPU | one silo CPU s | three silos CPU s | pairs | to reach |
            |---|---|---|---|---|
            | {ratio:F3} | {one:F1} | {three:F1} | {repeats} | ≤ 1.15 |
            """);
    }

    /// <summary>Processor seconds, and seconds a round, with a checkpoint each round and with none.</summary>
    private async Task Checkpoints(int repeats)
    {
        var (cpu, wall) = (new List<double>(), new List<double>());
        for (var i = 0; i < repeats; i++)
        {
            var with = await OneSilo([.. Quickstart]);
            var without = await OneSilo(["rounds=4", "checkpoints.every=0"]);
            cpu.Add(with.Cpu / without.Cpu);
            wall.Add(with.Seconds / without.Seconds);
        }
        await output.WriteLineAsync($"""
            | checkpoint each round over none, time of the rounds | the same, CPU | pairs | to reach |
            |---|---|---|---|
            | {Middle(wall):F3} | {Middle(cpu):F3} | {repeats} | ≤ 1.05 |
            """);
    }

    /// <summary>What robust aggregators cost at a server of three silos: 48 nodes, 16 MB of weights each.</summary>
    private async Task Aggregators(int repeats)
    {
        await output.WriteLineAsync(
            "| aggregator | largest silo, peak MiB | round, s | silos' CPU, s | runs |\n|---|---|---|---|---|");
        foreach (var aggregator in (string[])["weighted-mean", "coordinate-median", "{\"name\":\"krum\",\"m\":20}"])
        {
            var (peaks, seconds, cpu) = (new List<double>(), new List<double>(), new List<double>());
            for (var i = 0; i < repeats; i++)
            {
                await using var cluster = await SiloCluster.Start(3, 1);
                var rounds = await cluster.Rounds(Job, [.. LargeModel, $"aggregator={aggregator}"]);
                peaks.Add(cluster.PeakBytes() / 1048576.0);
                seconds.Add(rounds.Seconds / 2);
                cpu.Add(rounds.Cpu / 2);
            }
            await output.WriteLineAsync(
                $"| {aggregator} | {Middle(peaks):F0} | {Middle(seconds):F2} | {Middle(cpu):F2} | {repeats} |");
        }
    }

    private static async Task<double> Cpu(int silos, int lanes, string[] set)
    {
        await using var cluster = await SiloCluster.Start(silos, lanes);
        return (await cluster.Rounds(Job, set)).Cpu;
    }

    private static async Task<(double Cpu, double Seconds)> OneSilo(string[] set)
    {
        await using var cluster = await SiloCluster.Start(1, 2);
        return await cluster.Rounds(Job, set);
    }

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static (string[] Names, int Repeats) Parse(string[] args)
    {
        string[] known = ["recovery", "silos", "checkpoints", "aggregators"];
        var (names, repeats) = (new List<string>(), 3);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--repeats" && i + 1 < args.Length && int.TryParse(args[++i], out var n)
                && n is >= 1 and <= 99)
                repeats = n;
            else if (known.Contains(args[i])) names.Add(args[i]);
            else
                throw new ArgumentException($"There is no measurement '{args[i]}'. Known: {string.Join(", ", known)}.");
        }
        return (names.Count == 0 ? known : [.. names], repeats);
    }
}
