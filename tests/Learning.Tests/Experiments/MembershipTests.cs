using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Experiments;

public sealed class MembershipTests
{
    [Fact]
    public void Nobody_receives_from_a_node_that_left_and_the_ring_closes()
    {
        var plan = PlanOf("algorithm=gossip", "topology=ring", "membership=[{\"round\":3,\"remove\":[2]}]");

        Assert.Equal([1, 2, 3], plan.Row(2, 1, 0).Select(r => r.Node));
        Assert.Empty(plan.Row(2, 2, 0));
        Assert.Equal([1, 3, 4], plan.Row(3, 2, 0).Select(r => r.Node)); // 1 and 3 are neighbours now
        Assert.False(plan.Trains(2, 2));
    }

    [Fact]
    public void When_the_server_leaves_the_next_member_is_the_server()
    {
        var plan = PlanOf("membership=[{\"round\":2,\"remove\":[0]}]");

        Assert.Equal(0, plan.Members(0).Server);
        Assert.Equal(1, plan.Members(1).Server);
        Assert.Equal([1, 2, 3, 4, 5], plan.Row(1, 1, 0).Select(r => r.Node));
        Assert.Equal([1], plan.Row(5, 1, 1).Select(r => r.Node));
    }

    [Fact]
    public void A_new_member_begins_with_the_weights_of_the_server_or_of_its_first_neighbour()
    {
        Assert.Equal(0,
            PlanOf("seating.members=5", "membership=[{\"round\":2,\"add\":[5]}]").Members(1).Sponsor(5, true));
        Assert.Equal(0,
            PlanOf("algorithm=gossip", "topology=ring", "seating.members=5", "membership=[{\"round\":2,\"add\":[5]}]")
                .Members(1).Sponsor(5, false));
    }

    [Theory]
    [InlineData("membership=[{\"round\":2,\"add\":[0]}]", "Node 0 is a member already.")]
    [InlineData("membership=[{\"round\":2,\"remove\":[5]},{\"round\":3,\"remove\":[5]}]", "Node 5 is no member.")]
    [InlineData("membership=[{\"round\":2,\"add\":[6]}]", "There is no node 6")]
    [InlineData("membership=[{\"round\":2,\"remove\":[0,1,2,3,4,5]}]", "No member would be left.")]
    [InlineData("membership=[{\"round\":2}]", "names no node")]
    [InlineData("membership=[{\"round\":3,\"remove\":[1]},{\"round\":2,\"remove\":[2]}]", "order of their rounds")]
    [InlineData("seating.members=7", "7 members are asked for")]
    public void A_change_that_does_not_fit_is_refused(string change, string reason)
    {
        var refusal = Assert.Throws<ExperimentException>(() => Toy.Experiment(change));

        Assert.Contains(refusal.Errors, f => f.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_topology_that_cannot_be_drawn_for_the_rest_is_refused()
    {
        var refusal = Assert.Throws<ExperimentException>(() =>
            Toy.Experiment("algorithm=gossip", "topology=torus", "membership=[{\"round\":2,\"remove\":[1]}]"));

        Assert.Contains(refusal.Errors, f => f.Message.Contains("5 nodes do not divide so", StringComparison.Ordinal));
    }

    // What 'flctl node add' asks for is in no file that could be checked before.
    [Fact]
    public void Nobody_joins_a_run_whose_nodes_remember_their_neighbours()
    {
        var plan = PlanOf("algorithm=choco-sgd", "topology=ring", "seating.members=5");

        Assert.Contains("holds for one graph",
            Assert.Single(plan.Refusals(new MembershipChange { Round = 2, Add = [5] })), StringComparison.Ordinal);
    }

    private static Plan PlanOf(params string[] set)
    {
        var experiment = Toy.Experiment(set);
        return Plan.Of(experiment, Toy.Data().Get(experiment.Dataset));
    }
}
