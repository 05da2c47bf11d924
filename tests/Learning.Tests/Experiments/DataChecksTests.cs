using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>What would end a run in its first round is refused before the start, as early as it can be known.</summary>
public class DataChecksTests
{
    [Theory]
    [InlineData("$.partitioner.sizes", "sizes has 2 numbers for 6 nodes",
        "partitioner={\"name\":\"iid\",\"sizes\":[9,9]}")]
    [InlineData("$.partitioner.sizes", "sizes has 7 numbers for 6 nodes",
        "partitioner={\"name\":\"shards\",\"sizes\":[1,2,3,4,5,6,7]}")]
    [InlineData("$.partitioner.labels", "labels has 1 lists for 6 nodes",
        "partitioner={\"name\":\"label-sets\",\"labels\":[[0,1]]}")]
    [InlineData("$.partitioner.labels[2]", "is empty",
        "partitioner={\"name\":\"label-sets\",\"labels\":[[0],[1],[],[0],[1],[2]]}")]
    // split-learning's server holds nothing: five shards for six nodes
    [InlineData("$.partitioner.sizes", "sizes has 6 numbers for 5 nodes",
        "partitioner={\"name\":\"iid\",\"sizes\":[1,1,1,1,1,1]}", "algorithm=split-learning")]
    public void What_needs_no_data_is_refused_without(string path, string says, params string[] settings)
    {
        var error = Assert.Throws<ExperimentException>(() => Toy.Experiment(settings));

        Assert.Contains(error.Errors, e => e.Path == path && e.Message.Contains(says));
    }

    [Theory]
    [InlineData("asks for class 3, but the dataset's classes are 0 to 2",
        "partitioner={\"name\":\"label-sets\",\"labels\":[[0],[1],[2],[0],[1],[3]]}")]
    [InlineData("sizes add up to 121", "partitioner={\"name\":\"iid\",\"sizes\":[1,20,20,20,30,30]}")]
    [InlineData("$.evaluation.testSamples", "evaluation.testSamples=61")]
    [InlineData("$.training.batchSize: The model resnet6 needs 2 samples", "model=resnet6", "training.batchSize=1")]
    [InlineData("$.nodeOverrides[0].training.batchSize", "model=resnet6",
        "nodeOverrides=[{\"nodes\":[4],\"training\":{\"batchSize\":1}}]")]
    public void What_needs_the_data_is_refused_with_them(string says, params string[] settings)
    {
        var experiment = Toy.Experiment(settings);

        var error = Assert.Throws<ExperimentException>(() => Plan.Of(experiment, Toy.Data()));

        Assert.Contains(says, error.Message);
    }

    [Fact]
    public void A_model_without_BatchNorm_trains_on_one_sample_a_step() =>
        Assert.NotNull(Plan.Of(Toy.Experiment("training.batchSize=1"), Toy.Data()));
}
