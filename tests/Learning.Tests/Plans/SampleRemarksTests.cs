using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Plans;

public sealed class SampleRemarksTests
{
    // The toy data have the classes 0, 1 and 2.
    [Theory]
    [InlineData("partitioner={\"name\":\"label-sets\",\"labels\":[[0],[2],[0],[2],[0],[2]],\"samplesPerNode\":2}",
        "of class 1,")]
    [InlineData("partitioner={\"name\":\"label-sets\",\"labels\":[[1],[1],[1],[1],[1],[1]],\"samplesPerNode\":2}",
        "of the classes 0, 2,")]
    [InlineData("partitioner={\"name\":\"iid\",\"sizes\":[0,0,0,0,0,0]}", "No node has a training sample")]
    public void What_no_node_holds_is_said(string partitioner, string said) =>
        Assert.Contains(said, Assert.Single(SampleRemarks.Of(Plan.Of(Toy.Experiment(partitioner), Toy.Data()))));

    [Fact]
    public void A_split_of_all_classes_is_without_remarks() =>
        Assert.Empty(SampleRemarks.Of(Plan.Of(Toy.Experiment(), Toy.Data())));
}
