using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Records;
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
            terminal.Console.Write(Rounds(rounds));
            if (rounds.Count > RoundsShown)
                terminal.Output.WriteLine($"the last {RoundsShown} of {rounds.Count} rounds; all are in metrics.csv");
        }
        Curve(terminal, rounds);
        terminal.Output.WriteLine();
        foreach (var (name, bytes) in Files(folder.Path)) terminal.Output.WriteLine($"  {RunText.Bytes(bytes),8}  {name}");
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
        Fact(terminal, "test accuracy", RunText.Accuracy(status.TestAccuracy));
        Fact(terminal, "weights sha256", status.WeightsSha256);
        Fact(terminal, "folder", $"{status.Folder} (on the silo's machine)");
    }

    /// <summary>The page of a run's folder as one JSON object.</summary>
    /// <param name="folder">The folder.</param>
    public static string Json(RunFolderReader folder)
    {
        var summary = folder.Summary();
        return JsonSerializer.Serialize(
            new
            {
                run = folder.Id,
                state = folder.Status,
                folder = folder.Path,
                weightsSha256 = summary?.WeightsSha256,
                testAccuracy = summary?.TestAccuracy,
                manifest = folder.Manifest(),
                summary,
                experiment = folder.ExperimentText() is { } text ? JsonDocument.Parse(text).RootElement : (JsonElement?)null,
                rounds = folder.Rounds().Select(r => new Dictionary<string, double>(r.Values) { ["round"] = r.Round }),
                files = Files(folder.Path).Select(f => new { f.Name, f.Bytes }),
            },
            JsonText.Line);
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
            : string.Join(", ", manifest.Versions.Select(v => $"{v.Key} {v.Value}").Prepend($"Orleans.FL {manifest.Version}")));
        yield return ("git commit", manifest?.GitCommit);
        yield return ("rounds", summary is null ? null : $"{summary.Rounds} in {RunText.Seconds(summary.Seconds)}");
        yield return ("test accuracy", summary?.TestAccuracy is null ? null
            : $"{RunText.Accuracy(summary.TestAccuracy)}; best {RunText.Accuracy(summary.BestTestAccuracy)} "
            + $"after round {summary.BestRound}");
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

    private static void Fact(Terminal terminal, string name, string? value)
    {
        if (value is not null) terminal.Output.WriteLine($"{name,-18} {value}");
    }

    private static Table Rounds(IReadOnlyList<RoundRow> rounds)
    {
        var table = new Table().SimpleBorder();
        string[] metrics = [.. rounds.SelectMany(r => r.Values.Keys).Distinct().Except(ReportColumns.OfRound.Select(c => c.Name))];
        foreach (var title in (string[])["round", "train loss", "train acc", "test loss", "test acc", "time", "bytes", "nodes", .. metrics])
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap());
        foreach (var r in rounds.TakeLast(RoundsShown))
            table.AddRow(
            [
                $"{r.Round}", RunText.Loss(r["train_loss"]), RunText.Accuracy(r["train_accuracy"]), RunText.Loss(r["test_loss"]),
                RunText.Accuracy(r["test_accuracy"]), RunText.Seconds(r["seconds"]), RunText.Bytes((long)r["payload_bytes"]),
                $"{r["present"]}/{r["nodes"]}", .. metrics.Select(m => RunText.Number(r[m])),
            ]);
        return table;
    }

    private static void Curve(Terminal terminal, IReadOnlyList<RoundRow> rounds)
    {
        (int, double)[] points = [.. rounds.Select(r => (r.Round, r["test_accuracy"])).Where(p => double.IsFinite(p.Item2))];
        if (points.Length < 2) return;
        terminal.Output.WriteLine("test accuracy");
        foreach (var line in Chart.Curve(points, CurveWidth, CurveHeight)) terminal.Output.WriteLine(line);
    }

    private static IEnumerable<(string Name, long Bytes)> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path), new FileInfo(path).Length))
            .Where(f => !f.Item1.StartsWith('.'))
            .OrderBy(f => f.Item1, StringComparer.Ordinal);
}
