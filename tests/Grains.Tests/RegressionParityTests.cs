using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Grains.Tests;

/// <summary>
/// A task without images and classes gives the simulation's bits on a cluster, too, and its metrics are reported and
/// recorded by name.
/// </summary>
public sealed class RegressionParityTests
{
    [Theory(Timeout = 120_000)]
    [InlineData("auto")]
    [InlineData("torch")]
    [InlineData("batched")]
    public async Task A_regression_gives_the_bits_of_the_simulation_and_reports_its_metrics(string engine)
    {
        await using var cluster = await Cluster.Start();
        var experiment = Friedman.Experiment("rounds=5", "training.validationFraction=0.1",
            "training.optimizer.learningRate=0.3", $"training.engine={engine}");
        var alone = await Simulation.Run(experiment,
            new SimulationOptions(new DatasetCache(DatasetLocator.Default), 2, TimeProvider.System));

        var events = await cluster.Federation.Finish(experiment);

        var finished = Assert.IsType<FinishedEvent>(events[^1]);
        Assert.Equal(alone.WeightsSha256, finished.WeightsSha256);
        var rounds = events.OfType<RoundEvent>().ToList();
        foreach (var metric in alone.Task.Metrics)
        {
            Assert.Equal(alone.Rounds.Select(r => (double?)metric.Of(r.Training)),
                rounds.Select(r => r.Metrics[metric.Key("train")]));
            Assert.Equal(alone.Rounds.Select(r => (double?)metric.Of(r.Validation)),
                rounds.Select(r => r.Metrics[metric.Key("validation")]));
            Assert.Equal(alone.Rounds.Select(r => (double?)r.Test(metric).Mean),
                rounds.Select(r => r.Metrics[metric.Key("test")]));
        }
        Assert.Equal(alone.TestScore, finished.Metrics["testRmse"]);
        var folder = RunFolderReader.Open(events.OfType<RegisteredEvent>().Single().Folder);
        var best = alone.Rounds.MinBy(r => r.Test(alone.Task.Main).Mean)!; // less error is better
        Assert.Equal(best.Round, folder.Summary()!.BestRound);
        Assert.Equal(new TestScore("rmse", alone.TestScore, best.Test(alone.Task.Main).Mean), folder.Summary()!.Score);
        Assert.Equal(alone.Rounds.Select(r => r.Test(alone.Task.Main).Mean),
            folder.Rounds().Select(r => r["test_rmse"]));
        foreach (var file in (string[])["events.jsonl", "metrics.csv", "nodes.csv", "metrics.jsonl",
            "summary.json", "log.txt"])
            Assert.DoesNotContain("accuracy", await File.ReadAllTextAsync(Path.Combine(folder.Path, file)),
                StringComparison.OrdinalIgnoreCase);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_table_whose_users_are_nodes_gives_the_bits_of_the_simulation()
    {
        await using var cluster = await Cluster.Start();
        var experiment = ExperimentReader.ReadFile(
            Path.Combine(AppContext.BaseDirectory, "experiments", "tables", "clinics.json"), ["rounds=3"]);
        var alone = await Simulation.Run(experiment,
            new SimulationOptions(new DatasetCache(DatasetLocator.Default), 2, TimeProvider.System));

        var events = await cluster.Federation.Finish(experiment);

        Assert.Equal(alone.WeightsSha256, Assert.IsType<FinishedEvent>(events[^1]).WeightsSha256);
    }

    private sealed class Cluster(FederationCluster federation) : IAsyncDisposable
    {
        public FederationCluster Federation => federation;

        public static async Task<Cluster> Start() =>
            new(await FederationCluster.Start(3, 2, data: new DatasetCache(DatasetLocator.Default)));

        public async ValueTask DisposeAsync() => await federation.DisposeAsync();
    }
}
