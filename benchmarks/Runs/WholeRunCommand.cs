using System.Text;
using System.Text.Json;
using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.Learning.Records;

namespace Orleans.FL.Benchmarks.Runs;

/// <summary>Runs jobs through flctl, each beside the plain loop, and prints a table.</summary>
/// <param name="output">Where tables go.</param>
/// <param name="time">The clock.</param>
internal sealed class WholeRunCommand(TextWriter output, TimeProvider time)
{
    private const string Begin = "<!-- whole-run: begin -->";
    private const string End = "<!-- whole-run: end -->";
    private const string Docs = "docs/benchmarks.md";

    private static readonly Job[] Jobs =
    [
        new("nine-resnet10", "benchmarks/jobs/nine-resnet10.json", true, "first step ≤ 5 s; CPU ratio ≤ 1.10"),
        new("nine-small-iid", "benchmarks/jobs/nine-small-iid.json", true, "accuracy within 0.02 of the plain loop"),
        new("twentyfive-resnet6", "benchmarks/jobs/twentyfive-resnet6.json", true, "wall ≤ 10 s; peak ≤ 1.0 GiB"),
        new("hundred-resnet6", "benchmarks/jobs/hundred-resnet6.json", false, "peak ≤ 1.5 GiB"),
        new("quickstart", "experiments/fashion-mnist/fedavg.json", false, "accuracy ≥ 0.85; wall ≤ 180 s"),
    ];

    /// <summary>Runs.</summary>
    /// <param name="args">Names of jobs (none: all), <c>--repeats N</c>, <c>--without-plain</c>,
    /// <c>--update-docs</c>.</param>
    public async Task Run(string[] args)
    {
        var (jobs, repeats, plain, update) = Parse(args);
        var root = Clone.Root();
        var table = new StringBuilder();
        table.AppendLine("| job | first step s | wall s | CPU s | plain CPU s | CPU ratio | peak MiB | accuracy | "
            + "plain accuracy | others' cores | to reach |");
        table.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var job in jobs)
        {
            var (ours, theirs, firstSteps) = (new List<Cost>(), new List<Cost>(), new List<double>());
            for (var i = 0; i < repeats; i++)
            {
                ours.Add(await Ours(root, job, firstSteps));
                if (plain && job.Plain) theirs.Add(await Theirs(root, job));
            }
            var row = Row(job, ours, theirs, firstSteps);
            table.AppendLine(row);
            await output.WriteLineAsync(row);
        }
        var text = $"{Header(repeats)}\n\n{table}";
        await output.WriteLineAsync($"\n{text}");
        if (update) await UpdateDocs(Path.Combine(root, Docs), text);
    }

    private static async Task<Cost> Ours(string root, Job job, List<double> firstSteps)
    {
        var runs = Directory.CreateTempSubdirectory("orleans-fl-bench-").FullName;
        try
        {
            return await Meter.Run(["dotnet", Path.Combine(root, "artifacts/bin/ClientCli/release/flctl.dll"), "start",
                "--local", "--json", "--device", "cpu", "--runs", runs, "--config", Path.Combine(root, job.File)],
                (line, seconds) =>
                {
                    if (line.Contains("\"event\":\"seated\"", StringComparison.Ordinal)) firstSteps.Add(seconds);
                });
        }
        finally
        {
            Directory.Delete(runs, recursive: true);
        }
    }

    private static Task<Cost> Theirs(string root, Job job) =>
        Meter.Run(["dotnet", Path.Combine(AppContext.BaseDirectory, "Orleans.FL.Benchmarks.dll"), "plain-loop",
            "--config", Path.Combine(root, job.File)]);

    private static string Row(Job job, List<Cost> ours, List<Cost> theirs, List<double> firstSteps)
    {
        var cpu = Median(ours, c => c.Cpu);
        var plainCpu = theirs.Count == 0 ? double.NaN : Median(theirs, c => c.Cpu);
        // The ratio of each pair, one right after the other: what else the machine did then is much the same for both.
        var ratio = theirs.Count == 0
            ? double.NaN
            : ours.Zip(theirs, (a, b) => a.Cpu / b.Cpu).Order().ElementAt(theirs.Count / 2);
        var plainAccuracy = theirs.Count == 0 ? double.NaN : Accuracy(theirs[0]);
        return $"| {job.Name} | {firstSteps.Order().ElementAt(firstSteps.Count / 2):F1} | "
            + $"{Median(ours, c => c.Wall):F1} | {cpu:F1} | {Shown(plainCpu, "F1")} | {Shown(ratio, "F3")} | "
            + $"{ours.Max(c => c.PeakRss) / 1048576.0:F0} | {Accuracy(ours[0]):F4} | {Shown(plainAccuracy, "F4")} | "
            + $"{ours.Concat(theirs).Average(c => c.OtherCores):F2} | {job.Target} |";
    }

    private static string Shown(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format);

    private static double Median(List<Cost> costs, Func<Cost, double> value) =>
        costs.Select(value).Order().ElementAt(costs.Count / 2);

    /// <summary>Both programs end with a JSON object that has this member.</summary>
    private static double Accuracy(Cost cost)
    {
        using var json = JsonDocument.Parse(cost.LastLine);
        return json.RootElement.GetProperty("testAccuracy").GetDouble();
    }

    private string Header(int repeats)
    {
        var machine = Machine.Here();
        var commit = GitCommit.Of(Clone.Root()) is { } hash ? hash[..10] : "unknown";
        return $"{machine.Cpu}, {machine.Cores} cores, {machine.InstructionSet}; {machine.Os}; .NET {machine.DotNet}; "
            + $"{time.GetUtcNow():yyyy-MM-dd}, commit {commit}; medians of {repeats}.";
    }

    private static async Task UpdateDocs(string file, string text)
    {
        var page = await File.ReadAllTextAsync(file);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        if (from < 0 || to < from)
            throw new MeasurementException($"{file} has no place for the table: {Begin} and {End} are missing.");
        await File.WriteAllTextAsync(file, $"{page[..(from + Begin.Length)]}\n{text.TrimEnd()}\n{page[to..]}");
    }

    private static (IReadOnlyList<Job> Jobs, int Repeats, bool Plain, bool Update) Parse(string[] args)
    {
        var (jobs, repeats, plain, update) = (new List<Job>(), 1, true, false);
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--without-plain") plain = false;
            else if (args[i] == "--update-docs") update = true;
            else if (args[i] == "--repeats" && i + 1 < args.Length && int.TryParse(args[++i], out var n)
                && n is >= 1 and <= 99)
                repeats = n;
            else
                jobs.Add(Array.Find(Jobs, j => j.Name == args[i])
                    ?? throw new ArgumentException(
                        $"There is no job '{args[i]}'. Known: {string.Join(", ", Jobs.Select(j => j.Name))}."));
        }
        return (jobs.Count == 0 ? Jobs : jobs, repeats, plain, update);
    }

    /// <summary>A whole run.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="File">Its experiment file, from the root.</param>
    /// <param name="Plain">Whether the plain loop can do it too.</param>
    /// <param name="Target">What it is to reach.</param>
    private sealed record Job(string Name, string File, bool Plain, string Target);
}
