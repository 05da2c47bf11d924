using System.ComponentModel;
using System.Text.Json;
using Orleans.FL.ClientCli.Output;
using Orleans.FL.ClientCli.Runs;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tasks;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Orleans.FL.ClientCli.Commands;

/// <summary>Runs an experiment in this process without silos and without a record.</summary>
/// <remarks>A cluster must equal it bit for bit.</remarks>
internal sealed class SimulateCommand(Terminal terminal) : AsyncCommand<SimulateCommand.Settings>
{
    internal sealed class Settings : ExperimentSettings
    {
        [CommandOption("--lanes <N>"), Description("Nodes that train at the same time; by default one a core.")]
        public int? Lanes { get; init; }

        [CommandOption("--json"), Description("Prints one JSON object a line for each round and for the end.")]
        public bool Json { get; init; }

        public override ValidationResult Validate() => Lanes is < 1 or > 1024
            ? ValidationResult.Error($"--lanes: {Lanes} is out of range; give 1 to 1024.")
            : base.Validate();
    }

    public override async Task<int> ExecuteAsync(
        CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var experiment = settings.Read();
        if (!settings.Json)
            foreach (var remark in ExperimentRemarks.Of(experiment)) terminal.Error.WriteLine(remark);
        var metrics = EmittedMetrics.Of(experiment);
        var task = experiment.TaskOrDefault();
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var options = new SimulationOptions(
            new DatasetCache(DatasetLocator.Default), settings.Lanes ?? Environment.ProcessorCount, time)
        {
            OnRound = report => terminal.Output.WriteLine(settings.Json
                ? RoundJson(report, task, metrics)
                : Round(report, experiment, task.Main, metrics)),
        };
        var result = await Simulation.Run(experiment, options, cancellationToken);
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        foreach (var line in settings.Json ? [EndJson(result, seconds)] : End(result, seconds))
            terminal.Output.WriteLine(line);
        return ExitCode.Done;
    }

    private static string Round(RoundReport r, Experiment experiment, TaskMetric main, IReadOnlyList<Metric> metrics) =>
        RunText.Round(r.Round, experiment.Rounds, main.Name, r.Training.Loss, main.Of(r.Training), r.TestLoss.Mean,
            r.Test(main).Mean, r.Seconds, r.PayloadBytes, r.Present, r.Nodes.Count, r.SimulatedSeconds)
        + RunText.Further(metrics.Select(m => KeyValuePair.Create(m.Name, r.ValueOf(m))));

    private static string RoundJson(RoundReport r, LearningTask task, IReadOnlyList<Metric> metrics)
    {
        var values = ReportColumns.OfRound(task, metrics).Select(c => KeyValuePair.Create(c.Name, c.Value(r)))
            .Where(v => double.IsFinite(v.Value)).ToDictionary();
        return JsonSerializer.Serialize(new { @event = "round", r.Round, values }, JsonText.Line);
    }

    private static string EndJson(SimulationResult result, double seconds)
    {
        var end = new Dictionary<string, object>
        {
            ["event"] = "finished",
            ["rounds"] = result.Rounds.Count,
            ["weightsSha256"] = result.WeightsSha256,
        };
        if (double.IsFinite(result.TestScore)) end[result.Task.Main.Key("test")] = result.TestScore;
        end["seconds"] = seconds;
        return JsonSerializer.Serialize(end, JsonText.Line);
    }

    private static string[] End(SimulationResult result, double seconds) =>
    [
        $"finished {RunText.Count(result.Rounds.Count, "round")} in {RunText.Seconds(seconds)}; "
            + $"test {result.Task.Main.Name} {RunText.Metric(result.TestScore)}",
        $"weights sha256 {result.WeightsSha256}",
    ];
}
