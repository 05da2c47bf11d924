using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Tests.Algorithms;
using Xunit;

namespace Orleans.FL.Learning.Tests.Plans;

/// <summary>
/// Who takes part, trains, catches up, is tested and holds a model, protocol by protocol; six nodes, node 0 the server.
/// </summary>
public class RoundProtocolTests
{
    private static readonly int[] All = [0, 1, 2, 3, 4, 5];

    private static readonly string[] NobodyIsTested = ["training.validationFraction=0",
        "partitioner.testSamplesPerNode=0"];

    [Fact]
    public void Synchronous_everybody_takes_part_trains_is_tested_and_holds_a_model()
    {
        var protocol = new ToyRun("algorithm=fedavg").Plan.Protocol;

        Assert.Equal(All, protocol.Participants(1));
        Assert.Equal(All, protocol.Trainers(1));
        Assert.Equal(All, protocol.Holders(1));
        Assert.All(All, n => Assert.True(protocol.Tests(n, 1) && !protocol.DropsModel(n, 1)));
        Assert.Empty(protocol.CatchingUp(1));
        Assert.Null(protocol.RefusalOfAbsence(3, 1));
        Assert.Null(protocol.Refusal(new MembershipChange { Round = 2, Remove = [3] }));
    }

    [Fact]
    public void A_share_that_trains_where_nodes_have_models_of_their_own_leaves_no_node_idle()
    {
        // ditto keeps a model at each node; half of six nodes are three.
        var protocol = new ToyRun([.. NobodyIsTested,
            "algorithm={\"name\":\"ditto\",\"clientFraction\":0.5}"]).Plan.Protocol;

        Assert.Equal(3, protocol.Trainers(1).Count());
        Assert.Equal(All, protocol.Participants(1));
        Assert.Equal(All, protocol.Holders(1));
    }

    [Fact]
    public void Sampled_only_the_server_holds_a_model_and_nodes_that_train_catch_up_first()
    {
        var protocol = new ToyRun([.. NobodyIsTested,
            "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}"]).Plan.Protocol;
        int[] trainers = [.. protocol.Trainers(1)];

        Assert.Equal(3, trainers.Length);
        Assert.Equal(trainers.Append(0).Distinct().Order(), protocol.Participants(1));
        Assert.Equal(trainers.Where(n => n != 0), protocol.CatchingUp(1));
        Assert.Empty(protocol.CatchingUp(0)); // all begin with the same model
        Assert.Equal([0], protocol.Holders(1));
        Assert.Equal([0], All.Where(n => protocol.Tests(n, 1)));
        Assert.Equal([1, 2, 3, 4, 5], All.Where(n => protocol.DropsModel(n, 1)));
    }

    [Fact]
    public void Pooled_the_server_trains_alone_and_everybody_is_tested()
    {
        var protocol = new ToyRun("algorithm=centralized").Plan.Protocol;

        Assert.Equal([0], protocol.Trainers(1));
        Assert.Equal(All, protocol.Participants(1));
        Assert.All(All, n => Assert.True(protocol.Tests(n, 1)));
    }

    // In round r (from 0) it is the turn of node r + 1, which then hands its part on to node r + 2.
    [Fact]
    public void Sequential_those_of_the_turn_take_part_and_none_of_them_may_be_absent()
    {
        var protocol = new ToyRun("algorithm=split-learning",
            "model={\"name\":\"mlp\",\"hidden\":[8,7]}").Plan.Protocol;

        Assert.Equal([0, 2, 3], protocol.Participants(1));
        Assert.Equal([0, 2], protocol.Holders(1));
        Assert.Equal([0, 2], protocol.Tested(1, All));
        Assert.Empty(protocol.Trainers(1)); // they do so in the session
        Assert.True(protocol.SplitsModel);
        Assert.Contains("node 2 is absent in round 2", protocol.RefusalOfAbsence(2, 1),
            StringComparison.OrdinalIgnoreCase);
        Assert.Contains("in another run", protocol.Refusal(new MembershipChange { Round = 3, Remove = [4] }));
    }

    // One update makes a round of fedasync: a node whose training ends sends its update to the server, and begins anew
    // with the server's model.
    [Fact]
    public void Asynchronous_those_take_part_whose_training_ends_or_begins()
    {
        var protocol = new ToyRun("algorithm={\"name\":\"fedasync\",\"concurrency\":2}").Plan.Protocol;
        var now = protocol.Scheduled(0)!;

        Assert.True(protocol.IsAsynchronous);
        Assert.Equal([now.Finishes[0].Node], protocol.Trainers(0));
        Assert.Equal(now.Begun.Append(now.Finishes[0].Node).Append(0).Distinct().Order(), protocol.Participants(0));
        Assert.Equal(All, protocol.Holders(0));
        Assert.Null(protocol.Arrivals); // simulated time, not the clock
        Assert.Contains("in another run", protocol.Refusal(new MembershipChange { Round = 3, Remove = [4] }));
    }

    [Theory]
    [InlineData(true, "algorithm=fedavg")]
    [InlineData(true, "algorithm=scaffold")]
    [InlineData(false, "algorithm=ditto")] // a model at each node
    [InlineData(false, "algorithm=fedavg", "topology=ring")] // no server to add up at
    [InlineData(false, "algorithm=ifca")] // looks at each update
    [InlineData(false, "algorithm=fedavg", "nodeOverrides=[{\"nodes\":[2],\"algorithm\":\"isolated\"}]")]
    public void Updates_are_added_up_while_they_are_hot_where_nobody_needs_them_later(
        bool streams, params string[] settings) =>
        Assert.Equal(streams, new ToyRun(settings).Plan.Protocol.StreamsAggregation);

    [Fact]
    public void A_change_of_the_members_leaves_the_protocol_what_it_is()
    {
        var plan = new ToyRun([.. NobodyIsTested, "rounds=9",
            "algorithm={\"name\":\"fedavg\",\"clientFraction\":0.5}"]).Plan;

        var changed = plan.With([new MembershipChange { Round = 4, Remove = [3] }]);

        Assert.Same(plan.Protocol.GetType(), changed.Protocol.GetType());
        Assert.DoesNotContain(3, changed.Protocol.Participants(5));
    }
}
