using Orleans.FL.Learning.Experiments;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

/// <summary>What components may know of an experiment before anything starts.</summary>
public class ExperimentFactsTests
{
    [Fact]
    public void The_ways_in_which_nodes_train_are_those_that_some_node_has()
    {
        // Of six nodes, node 1 has 2 epochs (the later entry wins over its 3), node 2 has 3; the other four have the
        // experiment's 1.
        var facts = FactsOfExperiment.Of(Toy.Experiment("nodeOverrides=[{\"nodes\":[1,2],\"training\":{\"epochs\":3}},"
            + "{\"nodes\":[1],\"training\":{\"epochs\":2}}]"));

        Assert.Equal([1, 2, 3], facts.Trainings.Select(t => t.Epochs).Order());
        Assert.Equal(1, facts.Training.Epochs);
    }

    [Fact]
    public void Settings_that_no_node_has_are_no_way_in_which_nodes_train()
    {
        // All six nodes are overridden, and the first entry by the second.
        var facts = FactsOfExperiment.Of(Toy.Experiment("nodeOverrides=[{\"nodes\":[4],\"training\":{\"epochs\":3}},"
            + "{\"nodes\":[0,1,2,3,4,5],\"training\":{\"optimizer\":{\"name\":\"sgd\",\"momentum\":0.5}}}]"));

        var training = Assert.Single(facts.Trainings);
        Assert.Equal((0.5, 1, "sgd"), (training.Momentum, training.Moments, training.Optimizer));
    }

    [Theory]
    [InlineData("star", 0, false)]
    [InlineData("ring", null, false)]
    [InlineData("random-matching", null, true)]
    public void Server_and_change_are_those_of_the_topology(string topology, int? server, bool changes)
    {
        var facts = FactsOfExperiment.Of(Toy.Experiment("topology=" + topology));

        Assert.Equal((server, changes, 6), (facts.Server, facts.TopologyChanges.Value, facts.InitialMembers));
    }
}
