using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.Asynchronous;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces.Schedules;
using Orleans.FL.Learning.Tests.Paces;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>
/// Algorithms whose nodes do not wait for each other. Schedules are those worked out in the tests of the paces, twelve
/// times as long.
/// </summary>
public class AsynchronousTests
{
    // K = 2. Round 1: +1 and +2 make ½·3 = 1.5, which 0 and 1 receive. Round 2: 0 moves by 1 from there; 2 by 4 from
    // the initial model, one model late, which counts 1/√2: 1.5 + ½·(1 + 2.82843) = 3.41421; 0 and 2 receive it. Round
    // 3: 1 moves by 2 from 1.5, 1/√2, and 0 by 1: 3.41421 + ½·(1.41421 + 1) = 4.62132, which all receive.
    [Fact]
    public void Fedbuff_by_hand()
    {
        var run = new ToyRun("nodes=3", "rounds=3", "algorithm={\"name\":\"fedbuff\",\"bufferSize\":2}",
            SimulatedTimePaceTests.Pace("[1,2,3.5]"));

        Round(run, 0, (0, 1), (1, 2));
        Assert.Equal([1.5f, 1.5f, 0], Moved(run));
        Round(run, 1, (0, 1), (2, 4));
        Assert.Equal([3.41421f, 1.5f, 3.41421f], Moved(run));
        Assert.Equal([0, 2], run.Plan.Protocol.Participants(1)); // node 1 is still at it
        Assert.Equal([true, false, true], Enumerable.Range(0, 3).Select(n => run.Plan.Tests(n, 1)));
        Round(run, 2, (1, 2), (0, 1));
        Assert.Equal([4.62132f, 4.62132f, 4.62132f], Moved(run));
    }

    // α = ½. 0 moves by 4: ½·4 = 2; again, to 6: ½·2 + ½·6 = 4. Then 1 comes with 2 from the initial model, two models
    // late: ½/√3 = 0.28868, so 0.71132·4 + 0.28868·2 = 3.42265.
    [Fact]
    public void Fedasync_by_hand()
    {
        var run = new ToyRun("nodes=3", "rounds=5", "algorithm={\"name\":\"fedasync\",\"alpha\":0.5}",
            SimulatedTimePaceTests.Pace("[1,2,3.5]"));

        Round(run, 0, (0, 4));
        Assert.Equal([2, 0, 0], Moved(run));
        Round(run, 1, (0, 4));
        Assert.Equal([4, 0, 0], Moved(run));
        Round(run, 2, (1, 2));
        Assert.Equal([3.42265f, 3.42265f, 0], Moved(run));
    }

    // α = ½ of updates 0, 1, 4, 5 and 7 models old.
    [Theory]
    [InlineData("constant", 0.5, 0.5, 0.5, 0.5, 0.5)]
    [InlineData("polynomial", 0.5, 0.353553, 0.223607, 0.204124, 0.176777)] // ½/√(τ + 1)
    [InlineData("hinge", 0.5, 0.5, 0.5, 0.045455, 0.016129)] // ½/(10·(τ − 4) + 1) above 4
    public void Staleness_by_hand(string staleness, params double[] weights)
    {
        var algorithm = new Weights(new FedAsync.Options { Alpha = 0.5, Staleness = staleness });

        Assert.Equal(weights, new[] { 0, 1, 4, 5, 7 }.Select(algorithm.Of).Select(w => Math.Round(w, 6)));
    }

    // A line 0 – 1 – 2: node 1 gives ⅓ to each, the others keep ⅔. 0 publishes 3 and mixes ⅔·3 + ⅓·0 = 2, 2 publishes
    // 6: 4. Then 0 publishes 5, 2 publishes 10. Last, 1 moves by 9 and receives what they published, not what they
    // mixed: (9 + 5 + 10)/3 = 8.
    [Fact]
    public void Swift_by_hand()
    {
        var run = new ToyRun("nodes=3", "rounds=3", "algorithm=swift",
            "topology={\"name\":\"edge-list\",\"edges\":[[0,1],[1,2]]}", SimulatedTimePaceTests.Pace("[1,2.5,1.2]"));

        Round(run, 0, (0, 3), (2, 6));
        Assert.Equal([2, 0, 4], Moved(run));
        Round(run, 1, (0, 3), (2, 6));
        Assert.Equal([3.33333f, 0, 6.66667f], Moved(run));
        Round(run, 2, (1, 9));
        Assert.Equal([3.33333f, 8, 6.66667f], Moved(run));
    }

    // The same line. 0 publishes 3 and receives from nobody; 1 moves by 9, and receives that 3 and the 0 of node 2,
    // which was never trained: ⅓ of each. Without node 2, node 2's third goes to 1, or to none.
    [Theory]
    [InlineData("latest", 4)] // (9 + 3 + 0)/3
    [InlineData("arrived", 7)] // ⅔·9 + ⅓·3
    [InlineData("renormalised", 6)] // (9 + 3)/2
    public void Swift_with_little_memory_by_hand(string mailbox, float expected)
    {
        var run = new ToyRun("nodes=3", "rounds=4", $"algorithm={{\"name\":\"swift\",\"mailbox\":\"{mailbox}\"}}",
            "topology={\"name\":\"edge-list\",\"edges\":[[0,1],[1,2]]}", SimulatedTimePaceTests.Pace("[1.5,2,100]"));

        Round(run, 0, (0, 3));
        Round(run, 1, (1, 9));

        Assert.Equal(expected, run.Moved(1), 4);
    }

    // Node 1, at 1 and 2 s, receives from node 0 once, at 1.5 s; at its third mixing, at 3 s, only what node 0
    // published at 3 s counts anew.
    [Fact]
    public void Swift_with_little_memory_receives_nothing_twice()
    {
        var run = new ToyRun("nodes=2", "rounds=6", "algorithm={\"name\":\"swift\",\"mailbox\":\"arrived\"}",
            "topology={\"name\":\"edge-list\",\"edges\":[[0,1]]}", SimulatedTimePaceTests.Pace("[5.5,2]"));

        Round(run, 0, (1, 4)); // 2 s
        Round(run, 1, (1, 4)); // 4 s
        Round(run, 2, (0, 6)); // 5.5 s: (6 + 8)/2
        Assert.Equal(7, run.Moved(0), 4);
        Round(run, 3, (1, 4)); // 6 s: (12 + 6)/2
        Assert.Equal(9, run.Moved(1), 4);
        Round(run, 4, (1, 4)); // 8 s: nothing new
        Assert.Equal(13, run.Moved(1), 4);
    }

    // Node 1 is done thrice as fast, so that the server's own update is that of its training from the initial model,
    // though it has held two newer ones.
    [Fact]
    public async Task The_server_trains_from_the_model_that_it_took_over()
    {
        string[] two = ["nodes=2", "training.batchSize=0"];
        var alone = await AlgorithmLaws.Run([.. two, "rounds=1", "algorithm=isolated"]);

        var run = await AlgorithmLaws.Run([.. two, "rounds=3",
            "algorithm={\"name\":\"fedasync\",\"alpha\":1,\"staleness\":\"constant\",\"rho\":0}",
            SimulatedTimePaceTests.Pace("[3,1]")]);

        Assert.Equal(2, run.Rounds[2].Staleness.Max);
        AlgorithmLaws.Near(alone.Weights[0], run.Weights[0], 1e-5);
    }

    [Theory]
    [InlineData("algorithm={\"name\":\"fedasync\",\"alpha\":1,\"rho\":0}")]
    [InlineData("algorithm=fedbuff")]
    public async Task One_node_is_plain_SGD(string algorithm)
    {
        string[] one = ["nodes=1", "partitioner.samplesPerNode=40"];

        AlgorithmLaws.Near((await AlgorithmLaws.Run([.. one, "algorithm=isolated"])).Weights[0],
            (await AlgorithmLaws.Run([.. one, algorithm])).Weights[0], 1e-6);
    }

    private static void Round(ToyRun run, int round, params (int Node, float By)[] trained)
    {
        Assert.Equal(trained.Select(t => t.Node), run.Plan.Scheduled(round)!.Finishes.Select(f => f.Node));
        foreach (var (node, by) in trained) run.Train(node, round, by, 1);
        for (var e = 0; e < run.Plan.Exchanges.Count; e++) run.Exchange(round, e);
    }

    private static float[] Moved(ToyRun run) => [.. run.Learners.Select(me => run.Moved(me.Index))];

    /// <summary>What updates of some age count.</summary>
    private sealed class Weights(FedAsync.Options options)
    {
        public double Of(int staleness)
        {
            var rows = new FedAsync(options).SamplePeers(new PeerSamplingContext(0, 0, [0, 1], 0, new Seeds(1))
            {
                Trained = _ => true,
                Samples = _ => 1,
                Mixing = _ => [],
                Scheduled = new ScheduledRound(1, [new(1, 1, staleness, 0)], []),
            });
            return rows.Of(0).Single().Weight;
        }
    }
}
