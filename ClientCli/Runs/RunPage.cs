using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;
using Spectre.Console;

namespace Orleans.FL.ClientCli.Runs;

/// <summary>Everything of a run on one page.</summary>
internal static class RunPage
{
    private const int RoundsShown = 40;
    private const int CurveWidth = 60;
    private const int CurveHeight = 8;

    /// <summary>Writes the page of a run's folder.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="folder">The folder.</param>
    public static void Write(Terminal terminal, RunFolderReader folder)
    {
        foreach (var (name, value) in Facts(folder)) Fact(terminal, name, value);
        var rounds = folder.Rounds();
        if (rounds.Count > 0)
        {
            terminal.Console.Write(Rounds(rounds, Metric(folder), Further(folder)));
            if (rounds.Count > RoundsShown)
                terminal.Output.WriteLine($"the last {RoundsShown} of {rounds.Count} rounds; all are in metrics.csv");
        }
        Curve(terminal, rounds, Metric(folder));
        terminal.Output.WriteLine();
        foreach (var (name, bytes) in Files(folder.Path))
            terminal.Output.WriteLine($"  {RunText.Bytes(bytes),8}  {name}");
    }

    /// <summary>Writes what a silo knows of a run whose folder is elsewhere.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="status">How it stands.</param>
    public static void Write(Terminal terminal, Grains.Interfaces.RunStatus status)
    {
        Fact(terminal, "run", status.Run);
        Fact(terminal, "experiment", status.Name);
        Fact(terminal, "state", status.State.ToString().ToLowerInvariant());
        Fact(terminal, "reason", status.Reason);
        Fact(terminal, "rounds", $"{status.Round} of {status.Rounds}");
        Fact(terminal, "nodes", $"{status.Present} of {status.Nodes} present");
        if (status.Test is { } test) Fact(terminal, $"test {test.Name}", RunText.Metric(test.Value));
        Fact(terminal, "weights sha256", status.WeightsSha256);
        Fact(terminal, "folder", $"{status.Folder} (on the silo's machine)");
    }

    /// <summary>The page of a run's folder as one JSON object.</summary>
    /// <param name="folder">The folder.</param>
    public static string Json(RunFolderReader folder)
    {
        var summary = folder.Summary();
        var page = new Dictionary<string, object?>
        {
            ["run"] = folder.Id,
            ["state"] = folder.Status,
            ["folder"] = folder.Path,
            ["weightsSha256"] = summary?.WeightsSha256,
            ["manifest"] = folder.Manifest(),
            ["summary"] = summary?.Written(),
            ["experiment"] = folder.ExperimentText() is { } text ? JsonDocument.Parse(text).RootElement : null,
            ["rounds"] = folder.Rounds().Select(r => new Dictionary<string, double>(r.Values) { ["round"] = r.Round }),
            ["files"] = Files(folder.Path).Select(f => new { f.Name, f.Bytes }),
        };
        if (summary?.Score is { Last: { } last } score) page[TaskMetric.Key("test", score.Metric)] = last;
        return JsonSerializer.Serialize(page.Where(p => p.Value is not null).ToDictionary(), JsonText.Line);
    }

    private static IEnumerable<(string Name, string? Value)> Facts(RunFolderReader folder)
    {
        var (manifest, summary) = (folder.Manifest(), folder.Summary());
        yield return ("run", folder.Id);
        yield return ("state", folder.Status.ToString().ToLowerInvariant());
        yield return ("reason", summary?.Reason);
        yield return ("experiment", Experiment(folder));
        yield return ("experiment sha256", manifest?.ExperimentHash);
        yield return ("seed", manifest?.Seed.ToString());
        yield return ("started", manifest?.StartedUtc.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'"));
        yield return ("machine", manifest is null ? null
            : $"{manifest.Machine.Host}: {manifest.Machine.Cpu}, {manifest.Machine.Cores} cores; "
            + $"{RunText.Count(manifest.Silos, "silo")}, {RunText.Count(manifest.Lanes, "lane")}");
        yield return ("versions", manifest is null ? null
            : string.Join(", ",
                manifest.Versions.Select(v => $"{v.Key} {v.Value}").Prepend($"Orleans.FL {manifest.Version}")));
        yield return ("git commit", manifest?.GitCommit);
        yield return ("rounds", summary is null ? null : $"{summary.Rounds} in {RunText.Seconds(summary.Seconds)}");
        if (summary?.Score is { Last: { } last } score)
            yield return ($"test {score.Metric}",
                $"{RunText.Metric(last)}; best {RunText.Metric(score.Best)} after round {summary.BestRound}");
        yield return ("weights sha256", summary?.WeightsSha256);
        yield return ("folder", folder.Path);
    }

    // A run of another version may hold an experiment that this one cannot read: its page is shown all the same.
    private static string? Experiment(RunFolderReader folder)
    {
        if (folder.ExperimentText() is not { } text) return null;
        try
        {
            var e = ExperimentReader.Read(text);
            return $"{e.Name}: {e.Algorithm.Name} on {e.Topology.Name}, {e.Dataset.Name}, {e.Model.Name}; "
                + $"{RunText.Count(e.Nodes, "node")}, {RunText.Count(e.Rounds, "round")}";
        }
        catch (ExperimentException)
        {
            return "written by another version; see experiment.json";
        }
    }

    /// <summary>Name of the main metric of the run's task.</summary>
    private static string Metric(RunFolderReader folder)
    {
        if (folder.Summary()?.Score is { } score) return score.Metric;
        try
        {
            return ExperimentReader.Read(folder.ExperimentText() ?? "").TaskOrDefault().Main.Name;
        }
        catch (ExperimentException)
        {
            return "accuracy";
        }
    }

    /// <summary>Names of the metrics that the run records besides.</summary>
    private static string[] Further(RunFolderReader folder)
    {
        try
        {
            return [.. EmittedMetrics.Of(ExperimentReader.Read(folder.ExperimentText() ?? "")).Select(m => m.Name)];
        }
        catch (ExperimentException)
        {
            return []; // of another version
        }
    }

    private static void Fact(Terminal terminal, string name, string? value)
    {
        if (value is not null) terminal.Output.WriteLine($"{name,-18} {value}");
    }

    private static Table Rounds(IReadOnlyList<RoundRow> rounds, string metric, string[] further)
    {
        var table = new Table().SimpleBorder();
        foreach (var title in (string[])["round", "train loss", $"train {RunText.Short(metric)}", "test loss",
            $"test {RunText.Short(metric)}", "time", "bytes", "nodes", .. further])
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap());
        foreach (var r in rounds.TakeLast(RoundsShown))
            table.AddRow(
            [
                $"{r.Round}", RunText.Loss(r["train_loss"]), RunText.Metric(r[$"train_{metric}"]),
                RunText.Loss(r["test_loss"]), RunText.Metric(r[$"test_{metric}"]), RunText.Seconds(r["seconds"]),
                RunText.Bytes((long)r["payload_bytes"]),
                $"{r["present"]}/{r["nodes"]}", .. further.Select(m => RunText.Number(r[m])),
            ]);
        return table;
    }

    private static void Curve(Terminal terminal, IReadOnlyList<RoundRow> rounds, string metric)
    {
        (int, double)[] points =
            [.. rounds.Select(r => (r.Round, r[$"test_{metric}"])).Where(p => double.IsFinite(p.Item2))];
        if (points.Length < 2) return;
        terminal.Output.WriteLine($"test {metric}");
        foreach (var line in Chart.Curve(points, CurveWidth, CurveHeight)) terminal.Output.WriteLine(line);
    }

    private static IEnumerable<(string Name, long Bytes)> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path), new FileInfo(path).Length))
            .Where(f => !f.Item1.StartsWith('.'))
            .OrderBy(f => f.Item1, StringComparer.Ordinal);
}
