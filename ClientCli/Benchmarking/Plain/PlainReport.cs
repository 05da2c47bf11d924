using System.Diagnostics;
using System.Text.Json;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Training;

namespace Orleans.FL.Benchmarks.Plain;

/// <summary><c>plain-loop</c>: runs the plain loop alone in this process and tells what it took.</summary>
internal static class PlainLoopCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Runs an experiment file.</summary>
    /// <param name="args">--config FILE [--set PATH=VALUE …]</param>
    /// <returns>One JSON object.</returns>
    public static string Run(string[] args)
    {
        var (file, changes) = Parse(args);
        var experiment = ExperimentReader.ReadFile(file, changes);
        PlainLoop.Require(experiment);
        TorchRuntime.EnsureLoaded();
        var plan = Plan.Of(experiment, experiment.Dataset.Create().Load(DatasetLocator.Default));
        var rounds = PlainLoop.Run(plan);
        return JsonSerializer.Serialize(ReportOf(rounds), Json);
    }

    private static PlainReport ReportOf(IReadOnlyList<PlainRound> rounds)
    {
        using var process = Process.GetCurrentProcess();
        var wall = TimeProvider.System.GetLocalNow() - process.StartTime;
        return new PlainReport(rounds, rounds[^1].TestAccuracy ?? double.NaN,
            Environment.CpuUsage.TotalTime.TotalSeconds, wall.TotalSeconds, process.PeakWorkingSet64);
    }

    private static (string File, List<string> Changes) Parse(string[] args)
    {
        string? file = null;
        List<string> changes = [];
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            if (args[i] == "--config") file = args[i + 1];
            else if (args[i] == "--set") changes.Add(args[i + 1]);
            else throw new ArgumentException($"plain-loop has no option '{args[i]}'; it takes --config FILE and --set PATH=VALUE.");
        }
        if (args.Length % 2 != 0 || file is null) throw new ArgumentException("plain-loop needs --config FILE.");
        return (file, changes);
    }
}

/// <summary>What the plain loop took.</summary>
/// <param name="Rounds">One entry a round.</param>
/// <param name="TestAccuracy">Accuracy of the global model after the last round, 0 to 1.</param>
/// <param name="CpuSeconds">User and system time of the process.</param>
/// <param name="WallSeconds">Seconds since the process started.</param>
/// <param name="PeakRss">Peak resident bytes.</param>
internal sealed record PlainReport(
    IReadOnlyList<PlainRound> Rounds, double TestAccuracy, double CpuSeconds, double WallSeconds, long PeakRss);

/// <summary>A round of the plain loop.</summary>
/// <param name="Round">Round, from 1.</param>
/// <param name="TrainLoss">Mean loss of the training batches, each before its step.</param>
/// <param name="TrainAccuracy">Accuracy of the same, 0 to 1.</param>
/// <param name="TestAccuracy">Accuracy of the global model on the test set; null if it was not tested.</param>
/// <param name="Steps">Optimiser steps of all nodes.</param>
internal sealed record PlainRound(int Round, double TrainLoss, double TrainAccuracy, double? TestAccuracy, long Steps);
