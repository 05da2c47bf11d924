using Orleans.FL.Learning.Parameters;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What becomes of what a server keeps when members come and go, worked out by hand.</summary>
public class MemberChangeTests
{
    // Three members, η = 0.1, K = 2: moves 0.4, -0.2 and 0.4 give cᵢ = -2, 1, -2 and c = -1. When node 2 leaves and two
    // nodes without controls come, c = (3·(-1) + 2)/4 = -0.25: the mean of -2, 1, 0, 0.
    [Fact]
    public void Controls_of_a_node_that_leaves_are_taken_out_and_new_ones_count_as_zero()
    {
        var run = RunOf("scaffold", "{\"round\":2,\"remove\":[2],\"add\":[3,4]}");
        Round(run, 0, 0.4f, -0.2f, 0.4f);
        Assert.Equal(-1f, Constant(run, 0, "scaffold.global"));

        var change = run.Plan.Turnover(1)!;
        run.Learners[0].Lead(change, null, [run.Learners[2].State]);

        Assert.Equal([2], change.Left);
        Assert.Equal(-0.25f, Constant(run, 0, "scaffold.global"));
        run.Learners[0].Lead(change, null, [run.Learners[2].State]); // once more, as after a loss
        Assert.Equal(-0.25f, Constant(run, 0, "scaffold.global"));
    }

    // The server sends (x, c) to every client: the new ones, and with another c the others too.
    [Fact]
    public void All_receive_the_changed_controls_before_the_round()
    {
        var plan = RunOf("scaffold", "{\"round\":2,\"remove\":[2],\"add\":[3,4]}").Plan;

        Assert.Equal([1, 3, 4], plan.Behind(1, []));
        Assert.Equal([3, 4], plan.Behind(1, [0])); // the server missed the round: nothing new for the others
        Assert.Empty(plan.Behind(2, []));
    }

    // α = 0.5: moves 0.6, -0.3 and 0.3 give gᵢ = -0.3, 0.15, -0.15 and h = -0.5·0.2 = -0.1. When node 1 leaves,
    // h = (3·(-0.1) - 0.15)/2 = -0.225: the mean of -0.3 and -0.15.
    [Fact]
    public void The_share_of_a_node_that_leaves_is_taken_out_of_h()
    {
        var run = RunOf("{\"name\":\"feddyn\",\"alpha\":0.5}", "{\"round\":2,\"remove\":[1]}");
        Round(run, 0, 0.6f, -0.3f, 0.3f);

        run.Learners[0].Lead(run.Plan.Turnover(1)!, null, [run.Learners[1].State]);

        Assert.Equal(-0.225f, Constant(run, 0, "feddyn.server"), 1e-6f);
        Assert.Equal([], run.Plan.Behind(1, []));
    }

    // β = 0.5, η = 1. Round 1: Δ = mean(0.2, 0.4, 0.6) = 0.4 = v. Node 0 leaves; round 2: Δ = 0.1,
    // v = 0.5·0.4 + 0.1 = 0.3.
    [Fact]
    public void Momentum_goes_to_the_next_server()
    {
        var run = RunOf("{\"name\":\"fedavgm\",\"serverMomentum\":0.5}", "{\"round\":2,\"remove\":[0]}");
        Round(run, 0, 0.2f, 0.4f, 0.6f);
        Assert.Equal(0.4f, run.Moved(1), 1e-5f);

        var change = run.Plan.Turnover(1)!;
        run.Learners[1].Lead(change, run.Learners[0].State, []);
        run.Train(1, 1, 0.1f, 2);
        run.Train(2, 1, 0.1f, 2);
        run.Exchange(1, 0);
        run.Exchange(1, 1);

        Assert.Equal((0, 1), (change.LastServer, change.Server));
        Assert.Equal(0.7f, run.Moved(2), 1e-5f);
    }

    // Node 1 missed the broadcast of +0.4 and is where it trained to; as the server it goes on from the shared model.
    [Fact]
    public void A_server_begins_with_the_last_servers_model_even_if_it_missed_it()
    {
        var run = RunOf("fedavg", "{\"round\":2,\"remove\":[0]}");
        run.Train(0, 0, 0.2f, 2);
        run.Train(1, 0, 0.4f, 2);
        run.Train(2, 0, 0.6f, 2);
        run.Exchange(0, 0);
        Assert.NotEqual(0.4f, run.Moved(1) - 0.00001f, 1e-6f);
        run.Learners[1].Weights = run.Plan.InitialWeights;

        run.Learners[1].Lead(run.Plan.Turnover(1)!, run.Learners[0].State, []);

        Assert.Equal(0.4f, run.Moved(1), 1e-5f);
    }

    // w = 1 and x = z: the mean of z = 0.3 and 0.5 counts each alike, whatever was shared out before.
    [Fact]
    public void Shares_begin_anew_with_the_members()
    {
        var run = new ToyRun("algorithm=push-sum", "topology=ring", "nodes=4", "seating.members=4",
            "membership=[{\"round\":2,\"remove\":[3]}]");
        foreach (var me in run.Learners)
        {
            me.Begin(0);
            me.Remember("push-sum.share", 2.5f);
            me.Memory["push-sum.sum"] = Vectors.Scale(me.Weights, 2.5);
        }

        run.Train(1, 1, 0.3f, 1);

        Assert.Equal(1, run.Learners[1].Numbers("push-sum.share")!.Span[0]);
        Assert.Equal(0.3f, ToyRun.Moved(run.Learners[1].Memory["push-sum.sum"], run.Plan.InitialWeights));
    }

    private static ToyRun RunOf(string algorithm, string change) => new("nodes=5", "seating.members=3",
        "algorithm=" + algorithm, $"membership=[{change}]", "partitioner={\"name\":\"iid\",\"samplesPerNode\":10}");

    private static void Round(ToyRun run, int round, params float[] moves)
    {
        foreach (var (node, by) in moves.Index()) run.Train(node, round, by, 2);
        run.Exchange(round, 0);
        run.Exchange(round, 1);
    }

    private static float Constant(ToyRun run, int node, string name)
    {
        var vector = run.Learners[node].Memory[name];
        return ToyRun.Moved(vector, ParameterVector.Zeros(vector.Length));
    }
}
