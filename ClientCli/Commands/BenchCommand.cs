using System.ComponentModel;
using Orleans.FL.ClientCli.Benchmarking;
using Orleans.FL.ClientCli.Benchmarking.Probes;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.Learning.Datasets.Fetching;
using Orleans.FL.Learning.Records;
using Orleans.FL.Silo.Options;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Runs jobs and says how fast they were, beside what they are to reach.</summary>
internal sealed class BenchCommand(Lazy<DatasetFetcher> fetcher, Terminal terminal)
    : AsyncCommand<BenchCommand.Settings>
{
    private const string All = "all";
    private const string List = "list";

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[NAME]")]
        [Description("Jobs; 'sizes' for cost against size; 'all' of them; 'list' (the default) shows what there is.")]
        public string[] Names { get; init; } = [];

        [CommandOption("--repeat <N>"), Description("Runs each job N times and reports medians.")]
        public int Repeat { get; init; } = 1;

        [CommandOption("--limit <SECONDS>")]
        [Description("Gives a run up after so many seconds, and says so; 150 by default.")]
        public double Limit { get; init; } = 150;

        [CommandOption("--json"), Description("Prints one JSON object a line for each job.")]
        public bool Json { get; init; }

        [CommandOption("--markdown"), Description("Prints the tables of docs/benchmarks.md.")]
        public bool Markdown { get; init; }

        [CommandOption("--baseline <FILE>")]
        [Description("Compares ratios with those of the file; the exit code is 1 if one is worse by more than 15 %.")]
        public string? Baseline { get; init; }

        [CommandOption("--save-baseline <FILE>"), Description("Writes the ratios to the file.")]
        public string? SaveBaseline { get; init; }

        [CommandOption("--resume <FILE>")]
        [Description("Keeps each result in the file as soon as it is there, and takes from it what an interrupted "
            + "bench of the same build and options had measured.")]
        public string? Resume { get; init; }

        [CommandOption("--plot <FILE>"), Description("Draws what 'sizes' measures, as SVG.")]
        public string? Plot { get; init; }

        /// <summary>Whether cost against size is asked for.</summary>
        public bool Sizes => Names.Contains(SizeSeries.Name) || Names.Contains(All);

        /// <summary>Whether jobs are only to be listed.</summary>
        public bool ListOnly => Names is [] or [List];

        /// <summary>The jobs that are asked for, in the order of the table.</summary>
        public IReadOnlyList<BenchJob> Jobs =>
            [.. BenchJob.All.Where(j => ListOnly || Names.Contains(j.Name) || Names.Contains(All))];

        /// <summary>The datasets that they train on.</summary>
        public IReadOnlyList<string> Datasets =>
            [.. Jobs.Select(j => j.Dataset).OfType<string>().Concat(Sizes ? SizeSeries.Datasets : []).Distinct()];

        /// <summary>What results of before must have in common with those of now: the build, and the options.</summary>
        public string Of => string.Join(' ', ((Type[])[typeof(BenchCommand), typeof(SiloOptions), typeof(Machine)])
            .Select(t => $"{t.Module.ModuleVersionId:N}").Append($"{Environment.MachineName} {Repeat} {Limit}"));

        /// <summary>How long a run may take.</summary>
        public TimeSpan Longest => TimeSpan.FromSeconds(Limit);

        public override ValidationResult Validate()
        {
            var unknown = Names.FirstOrDefault(n => n != All && n != SizeSeries.Name
                && BenchJob.All.All(j => j.Name != n) && !ListOnly);
            if (unknown is not null)
                return ValidationResult.Error($"There is no job '{unknown}'; 'flctl bench list' names them.");
            if (Repeat is < 1 or > 99)
                return ValidationResult.Error($"--repeat: {Repeat} is out of range; give 1 to 99.");
            if (Limit is not (> 0 and <= 86_400))
                return ValidationResult.Error($"--limit: {Limit} is out of range; give more than 0 and at most 86400.");
            if (Plot is not null && !Sizes)
                return ValidationResult.Error($"--plot draws what '{SizeSeries.Name}' measures; name it, too.");
            return Json && Markdown
                ? ValidationResult.Error("--json and --markdown print the same; choose one.")
                : ValidationResult.Success();
        }
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.ListOnly)
        {
            if (settings.Json) foreach (var job in settings.Jobs) terminal.Output.WriteLine(BenchJson.Line(job));
            else Show(settings, BenchTable.OfJobs(settings.Jobs));
            return ExitCode.Done;
        }
        var baseline = settings.Baseline is { } file ? Baseline.Load(file) : null; // before minutes of work
        foreach (var name in settings.Datasets)
            await fetcher.Value.FetchAsync(name, new FetchLines(terminal.Error.WriteLine), cancellationToken);
        var failed = new List<string>();
        var journal = BenchJournal.Open(settings.Resume, settings.Of);
        var measurements = await Watched(settings,
            runner => Measure(settings, failed, runner, journal, cancellationToken));
        if (!settings.Json) Report(settings, measurements);
        if (settings.Sizes) await MeasureSizes(settings, failed, journal, cancellationToken);
        if (settings.SaveBaseline is { } saved) Baseline.Of(measurements).Save(saved);
        failed.AddRange(baseline?.Worse(measurements) ?? []);
        foreach (var sentence in failed) terminal.Error.WriteLine(sentence);
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>
    /// One line that changes where the output is a terminal, else a line on stderr for each program that is started.
    /// </summary>
    private Task<List<Measurement>> Watched(Settings settings, Func<JobRunner, Task<List<Measurement>>> work) =>
        !terminal.Live || settings.Json || settings.Markdown
            ? work(new JobRunner(terminal.Error.WriteLine, _ => { }, settings.Longest))
            : terminal.Console.Status().StartAsync("…", status =>
            {
                void Show(string sentence) => status.Status(Markup.Escape(sentence));
                return work(new JobRunner(Show, Show, settings.Longest));
            });

    private async Task<List<Measurement>> Measure(
        Settings settings, List<string> failed, JobRunner runner, BenchJournal journal,
        CancellationToken cancellation)
    {
        var measurements = new List<Measurement>();
        foreach (var job in settings.Jobs)
        {
            try
            {
                var before = journal.Find(job);
                measurements.Add(before ?? await Measure(settings, runner, job, cancellation));
                if (before is null) journal.Add(measurements[^1]);
                if (settings.Json) terminal.Output.WriteLine(BenchJson.Line(measurements[^1]));
            }
            catch (GivenUpException e)
            {
                terminal.Error.WriteLine($"{job.Name}: {e.Message}");
                // not reached: the table says so
                measurements.Add(new Measurement(job, job.Targets.ToDictionary(t => t.Figure, _ => double.NaN)));
                journal.Add(measurements[^1]);
            }
            catch (MeasurementException e)
            {
                failed.Add($"{job.Name}: {e.Message}"); // the others are worth running
            }
        }
        return measurements;
    }

    /// <summary>Medians over repetitions; what is compared is measured in turns, A B A B.</summary>
    private static async Task<Measurement> Measure(
        Settings settings, JobRunner runner, BenchJob job, CancellationToken cancellation)
    {
        var repetitions = new List<Measurement>();
        for (var i = 0; i < Math.Max(settings.Repeat, job.Turns); i++)
            repetitions.Add(await runner.Measure(job, cancellation));
        return Measurement.Median(repetitions);
    }

    private async Task MeasureSizes(
        Settings settings, List<string> failed, BenchJournal journal, CancellationToken cancellation)
    {
        try
        {
            Action<string> progress = settings.Json ? _ => { } : terminal.Error.WriteLine;
            var sizes = new SizeSeries(progress, terminal.Error.WriteLine, settings.Longest, journal);
            var (byNodes, byModel) = await sizes.Measure(cancellation);
            if (settings.Plot is { } plot) SizeReport.Plot(byNodes, byModel, plot);
            if (settings.Json)
            {
                foreach (var point in byNodes.Concat(byModel)) terminal.Output.WriteLine(BenchJson.Line(point));
                return;
            }
            foreach (var series in (IReadOnlyList<SizePoint>[])[byNodes, byModel])
            {
                terminal.Output.WriteLine();
                Show(settings, SizeReport.Table(series));
            }
        }
        catch (MeasurementException e)
        {
            failed.Add($"{SizeSeries.Name}: {e.Message}");
        }
    }

    private void Report(Settings settings, List<Measurement> measurements)
    {
        if (measurements.Count == 0 && settings.Sizes) return;
        var machine = Machine.Here();
        terminal.Output.WriteLine($"{machine.Cpu}, {machine.Cores} cores, {machine.InstructionSet}; {machine.Os}; "
            + $".NET {machine.DotNet}; {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, "
            + $"commit {GitCommit.Of(AppContext.BaseDirectory)?[..10] ?? "unknown"}; "
            + (settings.Repeat == 1
                ? "one run each, and two in turns of what is compared with another."
                : $"medians of {settings.Repeat} runs."));
        terminal.Output.WriteLine();
        Show(settings, BenchTable.OfTargets(measurements));
        terminal.Output.WriteLine();
        Show(settings, BenchTable.OfCosts(measurements));
        if (!measurements.Any(m => m.Disturbed)) return;
        terminal.Output.WriteLine();
        terminal.Output.WriteLine(Measurement.MarkMeans);
    }

    private void Show(Settings settings, BenchTable table)
    {
        if (!settings.Markdown) terminal.Console.Write(table.Drawn());
        else foreach (var line in table.Markdown()) terminal.Output.WriteLine(line);
    }
}
