using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>What an experiment becomes is said where its author may not see it.</summary>
public class ExperimentRemarksTests
{
    [Theory]
    [InlineData("fedprox", "torus", "by the topology's weights times numbers of samples, what the server does with "
        + "all, which is gossip")]
    [InlineData("scaffold", "ring", "described with a server, and the topology ring has none: here each node does with "
        + "its neighbours, by the topology's weights, what")]
    [InlineData("gossip", "star", "knows no server: on the topology star node 0 is a node like the others")]
    [InlineData("choco-sgd", "star", "knows no server")]
    public void An_algorithm_that_becomes_another_one_is_remarked_on(string algorithm, string topology, string says) =>
        Assert.Contains(says,
            Assert.Single(ExperimentRemarks.Of(Toy.Experiment($"algorithm={algorithm}", $"topology={topology}"))));

    [Theory]
    [InlineData("fedavg", "star")]
    [InlineData("ifca", "star")]
    [InlineData("fedasync", "star")]
    [InlineData("gossip", "ring")]
    [InlineData("push-sum", "static-exponential")]
    [InlineData("epidemic", "ring")]
    [InlineData("isolated", "star")]
    public void Nothing_is_said_of_what_goes_as_it_is_described(string algorithm, string topology) =>
        Assert.Empty(ExperimentRemarks.Of(Toy.Experiment($"algorithm={algorithm}", $"topology={topology}")));

    // 0.25 of 6 are 1.5, of which the even neighbour is 2; 0.05 are 0.3, and one trains at least; 0.5 are 3.
    [Theory]
    [InlineData("0.25", "A clientFraction of 0.25 of 6 nodes is 1.5 of them: 2 train in a round.")]
    [InlineData("0.05", "A clientFraction of 0.05 of 6 nodes is 0.3 of them: 1 trains in a round.")]
    [InlineData("0.5", null)]
    public void A_share_of_the_nodes_that_is_rounded_is_remarked_on(string fraction, string? says) =>
        Assert.Equal(says is null ? [] : [says],
            ExperimentRemarks.Of(Toy.Experiment($"algorithm.clientFraction={fraction}")));

    // Distances are drawn once, and with this seed it is 6 of 8: even nodes never hear of odd ones.
    [Theory]
    [InlineData("topology={\"name\":\"equi-dyn\",\"basis\":1}", "seed=7")]
    [InlineData("topology={\"name\":\"edge-list\",\"connected\":false,\"edges\":[[0,2],[2,4],[4,6],[1,3],[5,7]]}")]
    public void A_graph_in_parts_is_remarked_on(params string[] settings) =>
        Assert.Contains("What node 1 sends never comes to node 0", Assert.Single(
            ExperimentRemarks.Of(Toy.Experiment(["algorithm=gossip", "nodes=8", .. settings]))));

    [Fact]
    public void Algorithms_of_single_nodes_are_remarked_on_too() =>
        Assert.Contains(ExperimentRemarks.Of(Toy.Experiment("algorithm=gossip", "topology=ring",
            "nodeOverrides=[{\"nodes\":[2],\"algorithm\":\"fedprox\"}]")), r => r.Contains("fedprox is described"));
}
