using System.Globalization;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Records;
using Orleans.FL.Learning.Records.Reports;
using Orleans.FL.Learning.Tests.Records;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>A task without images or classes, from the file to the record.</summary>
public sealed class RegressionRunTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory(Timeout = 60_000)]
    [InlineData("auto", "linear-regression", 3.3)]
    [InlineData("torch", "linear-regression", 3.3)]
    [InlineData("auto", "{\"name\":\"mlp\",\"hidden\":[32]}", 3.0)]
    public async Task A_model_learns_the_table(string engine, string model, double rmse)
    {
        var experiment = Friedman.Experiment($"training.engine={engine}", $"model={model}", "rounds=20");

        var result = await Run(experiment);

        // The target's standard deviation is some 5; what no model can say, the noise, is 1.
        Assert.InRange(result.TestScore, 1, rmse);
        Assert.Equal("rmse", result.Task.Main.Name);
        Assert.InRange(result.Rounds[^1].Test(result.Task.Metrics[2]).Mean, 0.55, 1);
        Assert.InRange(result.Rounds[^1].LocalTest(result.Task.Main).Mean, 1, 3.5);
    }

    [Fact(Timeout = 60_000)]
    public async Task Split_learning_learns_the_table_to_the_same_bits_wherever_the_model_is_cut()
    {
        string[] cut = ["model={\"name\":\"mlp\",\"hidden\":[16,8]}", "rounds=4", "partitioner.testSamplesPerNode=0"];

        var behind = await Run(Friedman.Experiment([.. cut, "algorithm={\"name\":\"split-learning\",\"cut\":1}"]));
        var before = await Run(Friedman.Experiment([.. cut, "algorithm={\"name\":\"split-learning\",\"cut\":2}"]));

        Assert.Equal(behind.Rounds.Select(r => r.Training), before.Rounds.Select(r => r.Training));
        Assert.True(behind.Rounds[^1].Training.Loss < behind.Rounds[0].Training.Loss);
    }

    [Theory]
    [InlineData("partitioner=dirichlet", "$.partitioner: 'dirichlet' works on the classes of samples, "
        + "and the task regression has none; take the partitioner iid")]
    [InlineData("partitioner=shards", "$.partitioner: 'shards' works on the classes")]
    [InlineData("partitioner=label-sets", "$.partitioner: 'label-sets' works on the classes")]
    [InlineData("topology=label-similarity", "$.topology: 'label-similarity' works on the classes")]
    [InlineData("algorithm=def-kt", "$.algorithm: 'def-kt' works on the classes")]
    [InlineData("algorithm={\"name\":\"similarity\",\"metric\":\"output-kl\"}", "$.algorithm: 'similarity' works on "
        + "the classes of samples, and the task regression has none; set metric to output-l2")]
    [InlineData("dataset.target=", "$.dataset.target: A model needs a target; name a column")]
    public void What_needs_classes_is_refused_with_the_remedy(string change, string error)
    {
        var e = Assert.Throws<ExperimentException>(() => Friedman.Experiment(change));

        Assert.Contains(e.Errors, f => $"{f.Path}: {f.Message}".StartsWith(error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("task=classification", "$.task: The task classification cannot learn the targets of the dataset csv; "
        + "leave task out, or set it to regression.")]
    [InlineData("model=cnn", "$.model: The model cnn needs images of shape (channels, height, width), "
        + "not samples of shape (10); mlp takes any shape.")]
    [InlineData("model=resnet6", "$.model: The model resnet needs images")]
    [InlineData("training.memoryFormat=channels-last",
        "$.training.memoryFormat: Only samples of shape (channels, height, width) can lie pixel after pixel")]
    public void What_does_not_suit_the_data_is_refused_with_the_remedy(string change, string error)
    {
        var e = Assert.Throws<ExperimentException>(() =>
            Plan.Of(Friedman.Experiment(change), new DatasetCache(DatasetLocator.Default)));

        Assert.Contains(e.Errors, f => $"{f.Path}: {f.Message}".StartsWith(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Labels_are_refused_by_a_task_of_numbers() =>
        Assert.Contains("$.task", Assert.Throws<ExperimentException>(() =>
            Plan.Of(Toy.Experiment("task=regression", "partitioner=iid"), Toy.Data())).Errors.Select(e => e.Path));

    [Fact(Timeout = 60_000)]
    public async Task The_record_has_the_tasks_metrics_and_no_accuracy()
    {
        var result = await Run(Friedman.Experiment("rounds=2"));
        using (var folder = RunFolder.Create(_root.Path, "x", TimeProvider.System, result.Task))
        {
            folder.WriteManifest(
                RunManifest.Here("x", "ff", 1, TimeProvider.System, new Dictionary<string, string>(), 1, 1));
            foreach (var round in result.Rounds) folder.AppendRound(RoundReportJson.Read(RoundReportJson.Write(round)));
            folder.WriteSummary(new RunSummary(RunOutcome.Finished, 2, 1, DateTimeOffset.UnixEpoch)
            {
                Score = new TestScore("rmse", result.TestScore, 1.25)
            });
        }
        var path = Path.Combine(_root.Path, "x");

        var header = File.ReadLines(Path.Combine(path, "metrics.csv")).First().Split(',');
        string[] expected = ["train_rmse", "train_mae", "train_r2", "validation_rmse", "test_rmse", "test_rmse_min",
            "test_rmse_max", "test_mae", "test_r2", "local_test_rmse"];
        Assert.All(expected, c => Assert.Contains(c, header));
        var last = RunFolderReader.Open(path).Rounds()[^1];
        Assert.Equal(result.TestScore, last["test_rmse"]);
        Assert.Contains("test_rmse", File.ReadLines(Path.Combine(path, "nodes.csv")).First().Split(','));
        Assert.Contains(TensorBoardReader.Read(Directory.GetFiles(Path.Combine(path, "tensorboard")).Single()),
            e => e.Scalars.ContainsKey("test/rmse"));
        Assert.Contains("\"testRmse\": ", File.ReadAllText(Path.Combine(path, "summary.json")));
        Assert.Equal(new TestScore("rmse", result.TestScore, 1.25), RunFolderReader.Open(path).Summary()!.Score);
        foreach (var file in Directory.GetFiles(path, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("accuracy", File.ReadAllText(file), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_example_file_is_what_its_formula_gives()
    {
        var state = 1991UL;
        var text = "x1,x2,x3,x4,x5,x6,x7,x8,x9,x10,y\n";
        for (var row = 0; row < 400; row++)
        {
            double[] x =
                [.. Enumerable.Range(0, 10).Select(_ => double.Parse(Figures(Next()), CultureInfo.InvariantCulture))];
            var noise = -6.0;
            for (var i = 0; i < 12; i++) noise += Next();
            var y = 10 * Math.Sin(Math.PI * x[0] * x[1]) + 20 * (x[2] - 0.5) * (x[2] - 0.5) + 10 * x[3]
                + 5 * x[4] + noise;
            text += string.Join(',', [.. x.Select(Figures), Figures(y)]) + "\n";
        }

        Assert.Equal(text, File.ReadAllText(Friedman.File));

        // Knuth's MMIX generator: the upper 53 bits are a number from 0 to 1.
        double Next()
        {
            state = unchecked(state * 6364136223846793005 + 1442695040888963407);
            return (state >> 11) / (double)(1UL << 53);
        }

        static string Figures(double value) => value.ToString("F3", CultureInfo.InvariantCulture);
    }

    private static Task<SimulationResult> Run(Experiment experiment) =>
        Simulation.Run(experiment,
            new SimulationOptions(new DatasetCache(DatasetLocator.Default), 2, TimeProvider.System));
}
