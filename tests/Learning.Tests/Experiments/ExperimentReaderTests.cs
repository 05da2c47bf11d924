using System.Text;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.Federated;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Partitioners;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class ExperimentReaderTests
{
    private const string Least = ExperimentSamples.Least;

    [Fact]
    public void A_file_is_read()
    {
        var experiment = ExperimentReader.Read(ExperimentSamples.Full);

        Assert.Equal("fedprox-ring-fashion", experiment.Name);
        Assert.Equal(42, experiment.Seed);
        Assert.Equal(new Component<Algorithm>("fedprox", new FedProx.Options { Mu = 0.1 }), experiment.Algorithm);
        Assert.Equal(
            new Component<Partitioner>("dirichlet", new Dirichlet.Options { Alpha = 0.3, SamplesPerNode = 500 }),
            experiment.Partitioner);
        Assert.Equal(
            new Component<Optimizer>("sgd", new Sgd.Options { LearningRate = 0.1, Momentum = 0.9 }),
            experiment.Training.Optimizer);
        Assert.Equal(new SeatingSettings(), experiment.Seating);
    }

    [Fact]
    public void Equal_files_are_equal_records() =>
        Assert.Equal(
            ExperimentReader.Read(Least),
            ExperimentReader.Read(Least, ["topology={\"name\":\"ring\"}", "seed=1"]));

    [Fact]
    public void An_alias_becomes_the_canonical_name() =>
        Assert.Equal("gossip", ExperimentReader.Read(Least, ["algorithm=fedstatic"]).Algorithm.Name);

    [Fact]
    public void The_training_of_nodes_is_merged_over_the_experiments()
    {
        var experiment = ExperimentReader.Read(ExperimentSamples.Full);

        Assert.Equal(experiment.Training with { Epochs = 3 }, experiment.TrainingOf(7));
        Assert.Equal(experiment.Training, experiment.TrainingOf(0));
    }

    [Theory]
    [InlineData("""{ "learningRate": 0.5 }""", 0.5)] // no name: the experiment's, with one option changed
    [InlineData("""{ "name": "sgd", "learningRate": 0.5 }""", 0.5)] // the same name: likewise
    [InlineData("\"sgd\"", 0.1)]
    public void The_optimizer_of_nodes_is_merged_if_it_is_the_same(string optimizer, double rate)
    {
        var change = $"nodeOverrides[0].training.optimizer={optimizer}";

        Assert.Equal(
            new Component<Optimizer>("sgd", new Sgd.Options { LearningRate = rate, Momentum = 0.9 }),
            ExperimentReader.Read(ExperimentSamples.Full, [change]).TrainingOf(7).Optimizer);
    }

    [Fact]
    public void Another_optimizer_of_nodes_replaces_the_experiments() =>
        Assert.Equal(
            new Component<Optimizer>("adam", new Adam.Options()),
            ExperimentReader.Read(ExperimentSamples.Full, ["nodeOverrides[0].training.optimizer=adam"])
                .TrainingOf(8).Optimizer);

    [Fact]
    public void An_override_of_the_experiments_training_reaches_the_nodes_that_do_not_name_it() =>
        Assert.Equal(16,
            ExperimentReader.Read(ExperimentSamples.Full, ["training.batchSize=16"]).TrainingOf(7).BatchSize);

    [Fact]
    public void Overrides_change_the_file()
    {
        var experiment = ExperimentReader.Read(Least,
            ["algorithm=fedprox", "algorithm.mu=0.5", "topology=star", "training.optimizer.learningRate=0.25",
                "nodeOverrides[0].nodes=[1,2]", "nodeOverrides[0].training.epochs=4"]);

        Assert.Equal(new Component<Algorithm>("fedprox", new FedProx.Options { Mu = 0.5 }), experiment.Algorithm);
        Assert.Equal(
            new Component<Optimizer>("sgd", new Sgd.Options { LearningRate = 0.25 }), experiment.Training.Optimizer);
        Assert.Equal(4, experiment.TrainingOf(2).Epochs);
        Assert.Equal(1, experiment.TrainingOf(0).Epochs);
    }

    [Fact]
    public void All_errors_are_reported_at_once_each_with_its_path()
    {
        var errors = Errors("""
            {
              "name": "x", "nodes": 0, "nodes": "3", "rnds": 2, "algorithm": { "name": "fedprix", "mu": 1 },
              "topology": { "name": "ring", "width": 3 }, "dataset": null,
              "partitioner": { "name": "dirichlet", "alpha": 0 },
              "training": { "epochs": 0, "optimizer": { "name": "sgd", "learningRate": -1 } },
              "evaluation": { "every": 1.5 },
              "nodeOverrides": [ { "nodes": [1, -1], "training": { "epoch": 3, "optimizer": "sdg" } }, {} ]
            }
            """, "seating.quorum=2", "modle=mlp");

        Assert.Equal(
            [
                "$.algorithm.name", "$.dataset", "$.evaluation.every", "$.model", "$.modle",
                "$.nodeOverrides[0].nodes[1]", "$.nodeOverrides[0].training.epoch",
                "$.nodeOverrides[0].training.optimizer", "$.nodeOverrides[1].nodes", "$.nodes", "$.nodes",
                "$.partitioner.alpha", "$.rnds", "$.rounds",
                "$.seating.quorum", "$.topology.width", "$.training.epochs", "$.training.optimizer.learningRate",
            ],
            errors.Select(f => f.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_misspelt_component_is_reported_with_what_was_probably_meant()
    {
        var error = Assert.Single(Errors(Least, "algorithm=fedprix"));

        Assert.Equal("$.algorithm", error.Path);
        Assert.StartsWith("There is no Algorithm named 'fedprix'. Known: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(" Did you mean 'fedprox'?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name=../up", "$.name")]
    [InlineData("name=.hidden", "$.name")]
    [InlineData("name=two words", "$.name")]
    [InlineData("name=\"line\\n\"", "$.name")]
    [InlineData("nodeOverrides=[{\"nodes\":[0,3]}]", "$.nodeOverrides[0].nodes[1]")]
    [InlineData("nodeOverrides=[{\"nodes\":[]}]", "$.nodeOverrides[0].nodes")]
    public void What_does_not_fit_together_is_an_error(string change, string path) =>
        Assert.Equal(path, Assert.Single(Errors(Least, change)).Path);

    [Fact]
    public void A_component_that_checks_the_experiment_is_asked_and_its_errors_are_placed()
    {
        var errors = Errors(Least, "topology=torus", "nodes=7", "rounds=1"); // 7 is a prime: no torus

        Assert.Equal("$.topology", Assert.Single(errors).Path);
    }

    [Fact]
    public void What_must_fit_together_is_looked_at_only_if_each_value_is_right() =>
        Assert.Equal("$.rounds", Assert.Single(Errors(Least, "topology=torus", "nodes=7", "rounds=0")).Path);

    [Theory]
    [InlineData("[]", "An experiment is an object { … }, but this is a list.")]
    [InlineData("\"x\"", "An experiment is an object { … }, but this is the text 'x'.")]
    [InlineData("{ \"name\" }", "Line 1, column ")]
    [InlineData("", "There is no JSON: the text is empty.")]
    public void What_is_no_experiment_at_all_is_one_error(string json, string message) =>
        Assert.Contains(message, Assert.Single(Errors(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_schema_key_must_be_a_text() =>
        Assert.Equal("$.$schema",
            Assert.Single(Errors(Least.Replace("{", "{ \"$schema\": 3,", StringComparison.Ordinal))).Path);

    [Fact]
    public void A_number_of_a_million_digits_is_out_of_range() =>
        Assert.Equal("$.rounds", Assert.Single(Errors(Least, $"rounds={new string('9', 1_000_000)}")).Path);

    [Fact]
    public void Eighty_thousand_unknown_keys_are_a_short_report()
    {
        var json = new StringBuilder("{");
        for (var i = 0; i < 80_000; i++) json.Append($"\"k{i}\":1,");

        Assert.Equal(201, Errors(json.Append('}').ToString()).Count);
    }

    [Fact]
    public void Too_many_overrides_of_nodes_to_write_out_are_refused()
    {
        // 20,000 entries of 29 bytes fit a file; with all defaults written out they are over 1 MiB.
        var entries = string.Join(',', Enumerable.Repeat("""{"nodes":[1],"training":{}}""", 20_000));

        var error = Assert.Single(Errors(Least, $"nodeOverrides=[{entries}]"));
        Assert.Contains("use fewer nodeOverrides", error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ValidationError> Errors(string json, params string[] overrides) =>
        Assert.Throws<ExperimentException>(() => ExperimentReader.Read(json, overrides)).Errors;
}
