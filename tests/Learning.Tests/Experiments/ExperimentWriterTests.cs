using CsCheck;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public class ExperimentWriterTests
{
    [Fact]
    public void Reading_what_was_written_gives_an_equal_experiment_and_the_same_text() =>
        ExperimentSamples.Any.Sample(experiment =>
        {
            var text = ExperimentWriter.Canonical(experiment);
            var read = ExperimentReader.Read(text);
            Assert.Equal(experiment, read);
            Assert.Equal(text, ExperimentWriter.Canonical(read));
        }, iter: 300);

    [Fact]
    public void Every_key_is_there_in_declared_order_with_its_default()
    {
        var text = ExperimentWriter.Canonical(ExperimentReader.Read(ExperimentSamples.Least,
            ["nodeOverrides[0].nodes=[1, 2]", "nodeOverrides[0].training.steps=5"]));

        Assert.StartsWith(
            "{\n  \"name\": \"a\",\n  \"seed\": 1,\n  \"nodes\": 3,\n  \"rounds\": 2,\n" +
            "  \"algorithm\": {\n    \"name\": \"gossip\"", text, StringComparison.Ordinal);
        Assert.EndsWith(
            """
              "evaluation": {
                "every": 1,
                "testSamples": 0
              },
              "seating": {
                "quorum": 1,
                "roundQuorum": 0.5,
                "fruitlessRounds": 10,
                "members": 0,
                "absence": "continue",
                "deadlineSeconds": 120,
                "roundDeadlineSeconds": 3600,
                "deadlineMedians": 0
              },
              "membership": [],
              "checkpoints": {
                "every": 1,
                "secondsBetween": 1,
                "keep": 2
              },
              "devices": [],
              "nodeOverrides": [
                {
                  "nodes": [1, 2],
                  "training": {
                    "epochs": 1,
                    "steps": 5,
                    "batchSize": 32,
                    "optimizer": {
                      "name": "sgd",
                      "learningRate": 0.05,
                      "momentum": 0,
                      "weightDecay": 0
                    },
                    "engine": "auto",
                    "nodesAtOnce": 16,
                    "precision": "float32",
                    "memoryFormat": "contiguous",
                    "keepMoments": true,
                    "validationFraction": 0
                  }
                }
              ]
            }

            """.ReplaceLineEndings("\n"), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_experiments_have_one_hash_and_others_another()
    {
        var experiment = ExperimentReader.Read(ExperimentSamples.Least);

        var same = ExperimentReader.Read(ExperimentSamples.Least + "// a comment");

        Assert.Equal(ExperimentWriter.Hash(experiment), ExperimentWriter.Hash(same));
        Assert.NotEqual(ExperimentWriter.Hash(experiment), ExperimentWriter.Hash(experiment with { Seed = 2 }));
        Assert.Matches("^[0-9a-f]{64}$", ExperimentWriter.Hash(experiment));
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1.0, "1")]
    [InlineData(1e-7, "1E-07")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    [InlineData(-0.0, "0")]
    public void A_number_is_the_shortest_that_reads_back(double number, string text) =>
        Assert.Equal(text, ExperimentWriter.Text(number));

    [Fact]
    public void Text_that_is_not_english_stays_readable() => Assert.Equal("\"é\"", ExperimentWriter.Text("é"));

    [Fact]
    public void Lists_of_numbers_are_one_line() =>
        Assert.Equal("[[1, 2], [], [3]]", ExperimentWriter.Text(
            new EquatableList<EquatableList<int>>([[1, 2], [], [3]])));

    [Fact]
    public void Options_that_were_never_given_are_written_as_defaults() =>
        Assert.Equal(
            ExperimentWriter.Text(new Component<Optimizer>("sgd", new Sgd.Options())),
            ExperimentWriter.Text(new Component<Optimizer>("sgd", null)));
}
