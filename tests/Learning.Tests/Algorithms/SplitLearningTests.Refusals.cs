using Orleans.FL.Learning.Algorithms.Split;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What cannot be split.</summary>
public partial class SplitLearningTests
{
    [Theory]
    [InlineData("nodes=1", "set nodes to 2")]
    [InlineData("model=logistic-regression", "hidden")]
    [InlineData("model={\"name\":\"mlp\",\"hidden\":[]}", "hidden")]
    [InlineData("algorithm={\"name\":\"split-learning\",\"cut\":2}", "$.algorithm.cut")]
    [InlineData("algorithm={\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", "hidden")]
    [InlineData("algorithm={\"name\":\"split-learning\",\"cut\":0}", "cut")]
    [InlineData("algorithm={\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"head\":0}", "head")]
    [InlineData("algorithm={\"name\":\"split-learning\",\"shape\":\"v-shaped\"}", "u-shaped")]
    [InlineData("training.optimizer=adam", "keepMoments")]
    [InlineData("training.optimizer={\"name\":\"sgd\",\"momentum\":0.9}", "keepMoments")]
    [InlineData("training.engine=batched", "auto, dense or torch")]
    [InlineData("training.precision=bfloat16", "float32")]
    [InlineData("training.memoryFormat=channels-last", "memoryFormat")]
    [InlineData("topology=ring", "star")]
    [InlineData("pace=simulated-time", "synchronous")]
    [InlineData("nodeOverrides=[{\"nodes\":[1],\"training\":{\"epochs\":2}}]", "nodeOverrides")]
    [InlineData("membership=[{\"round\":2,\"remove\":[5]}]", "membership")]
    [InlineData("seating.quorum=0.5", "quorum")]
    public void What_cannot_be_split_is_refused_before_anything_starts(string option, string word)
    {
        var refused = Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=split-learning", option));

        Assert.Contains(refused.Errors, f => $"{f.Path} {f.Message}".Contains(word, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"name\":\"split-learning\",\"cut\":4}", Cnn, "4 layers (conv1, conv2, fc1, fc2) and the node is to "
        + "hold 4, which leaves the server none; let it hold 3 at most")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\",\"cut\":2,\"head\":2}", Cnn,
        "let it hold 3 at most")]
    [InlineData("{\"name\":\"split-learning\",\"cut\":8}", Residual,
        "7 layers (conv1, bn1, layer1, layer2, layer3, layer4, linear)")]
    [InlineData("{\"name\":\"split-learning\",\"shape\":\"u-shaped\"}", "model={\"name\":\"mlp\",\"hidden\":[8]}",
        "none; take a model of more layers")]
    public void A_cut_outside_the_model_is_refused_with_the_layers_that_there_are(
        string algorithm, string model, string words)
    {
        var refused = Assert.Throws<ExperimentException>(() => Toy.Experiment($"algorithm={algorithm}", model));

        Assert.Contains(words, Assert.Single(refused.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_whose_activations_no_message_can_hold_is_refused_with_the_batch_size_that_would_do()
    {
        Assert.Equal(60 * 6272, SplitModel.Length(60, 6272));

        // 2,147,483,591 / 50,176 = 42,799.0...
        var refused = Assert.Throws<ExperimentException>(() => SplitModel.Length(60_000, 64 * 28 * 28));
        Assert.Contains("set training.batchSize to 42799 or less", refused.Message, StringComparison.Ordinal);
    }
}
