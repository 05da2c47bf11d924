using Spectre.Console;

namespace Orleans.FL.ClientCli.Benchmarking;

/// <summary>A table that is drawn on a terminal or written as Markdown.</summary>
/// <param name="Header">Names of the columns.</param>
/// <param name="Rows">As many cells each.</param>
internal sealed record BenchTable(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    private static readonly Figure[] Shown =
    [
        Figure.Seconds, Figure.CpuSeconds, Figure.SeatedSeconds, Figure.RoundSeconds, Figure.ExchangeSeconds,
        Figure.ClientsPerSecond, Figure.ImagesPerSecond, Figure.Gflops, Figure.PeakRate, Figure.PeakShare,
        Figure.GemmRate, Figure.GemmShare, Figure.TrainingShare, Figure.ReadRate, Figure.NewMemoryRate,
        Figure.PeakMiB, Figure.OtherCores,
    ];

    private static readonly string[] ShownAs =
    [
        "wall s", "CPU s", "s to seats", "s a round", "s of exchange", "clients/s", "images/s", "GFLOP/s",
        "FMA peak GFLOP/s", "share of peak", "GEMM GFLOP/s", "share of GEMM", "lanes in training", "read GB/s",
        "new GB/s", "peak MiB", "others' cores",
    ];

    /// <summary>What there is to run.</summary>
    /// <param name="jobs">The jobs.</param>
    public static BenchTable OfJobs(IReadOnlyList<BenchJob> jobs) => new(["job", "what it is", "targets"],
        [.. jobs.Select(j => (string[])[j.Name, j.Summary, string.Join("; ", j.Targets.Select(t => t.Sentence))])]);

    /// <summary>What was reached, a row a target.</summary>
    /// <param name="measurements">One a job.</param>
    public static BenchTable OfTargets(IReadOnlyList<Measurement> measurements) =>
        new(["job", "measured", "target", "reached", "compared with"], [
            .. from m in measurements
               from t in m.Job.Targets
               select (string[])[m.Job.Name, $"{t.Figure.Text(m[t.Figure])} {t.Figure.Unit}{Mark(m)}", t.Sentence,
                   t.Reached(m[t.Figure]) ? "yes" : "no", t.Because],
        ]);

    /// <summary>What it took, a row a job.</summary>
    /// <param name="measurements">One a job.</param>
    public static BenchTable OfCosts(IReadOnlyList<Measurement> measurements) => new(["job", .. ShownAs],
        [.. measurements.Select(m => (string[])[m.Job.Name + Mark(m), .. Shown.Select(f => f.Text(m[f]))])]);

    /// <summary>The table as Markdown.</summary>
    public IEnumerable<string> Markdown() =>
        [Line(Header), $"|{string.Concat(Header.Select(_ => "---|"))}", .. Rows.Select(Line)];

    /// <summary>The table for a terminal.</summary>
    public Table Drawn()
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var name in Header) table.AddColumn(Markup.Escape(name));
        foreach (var row in Rows) table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }

    private static string Mark(Measurement m) => m.Disturbed ? $" {Measurement.Mark}" : "";

    private static string Line(IReadOnlyList<string> cells) => $"| {string.Join(" | ", cells)} |";
}
