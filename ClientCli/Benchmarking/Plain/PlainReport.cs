using System.Diagnostics;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.TorchLoading;

namespace Orleans.FL.ClientCli.Benchmarking.Plain;

/// <summary>What the plain loop took, alone in this process.</summary>
/// <param name="Rounds">One entry a round.</param>
/// <param name="TestAccuracy">Accuracy of the global model after the last round, 0 to 1.</param>
/// <param name="CpuSeconds">User and system time of the process.</param>
/// <param name="WallSeconds">Seconds since the process started.</param>
/// <param name="PeakRss">Peak resident bytes.</param>
internal sealed record PlainReport(
    IReadOnlyList<PlainRound> Rounds, double TestAccuracy, double CpuSeconds, double WallSeconds, long PeakRss)
{
    /// <summary>Runs an experiment file to its end.</summary>
    /// <param name="file">The file.</param>
    /// <param name="changes">Values that differ from the file's.</param>
    /// <exception cref="ExperimentException">The file is wrong, or asks for what the plain loop does not
    /// do.</exception>
    public static PlainReport Of(string file, IReadOnlyList<string> changes)
    {
        var experiment = ExperimentReader.ReadFile(file, changes);
        PlainLoop.Require(experiment);
        TorchRuntime.EnsureLoaded();
        var plan = Plan.Of(experiment, new DatasetCache(DatasetLocator.Default));
        var rounds = PlainLoop.Run(plan);
        using var process = Process.GetCurrentProcess();
        var wall = TimeProvider.System.GetLocalNow() - process.StartTime;
        return new PlainReport(rounds, rounds[^1].TestAccuracy ?? double.NaN,
            Environment.CpuUsage.TotalTime.TotalSeconds, wall.TotalSeconds, process.PeakWorkingSet64);
    }
}

/// <summary>A round of the plain loop.</summary>
/// <param name="Round">Round, from 1.</param>
/// <param name="TrainLoss">Mean loss of the training batches, each before its step.</param>
/// <param name="TrainAccuracy">Accuracy of the same, 0 to 1.</param>
/// <param name="TestAccuracy">Accuracy of the global model on the test set; null if it was not tested.</param>
/// <param name="Steps">Optimiser steps of all nodes.</param>
/// <param name="Nodes">Nodes that trained.</param>
/// <param name="Seconds">Seconds of training and averaging, without the test.</param>
internal sealed record PlainRound(
    int Round, double TrainLoss, double TrainAccuracy, double? TestAccuracy, long Steps, int Nodes, double Seconds);
