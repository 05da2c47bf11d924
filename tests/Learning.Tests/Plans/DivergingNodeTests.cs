using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Tests.Algorithms;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Learning.Updates;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Plans;

/// <summary>Nodes whose training diverges: what the others do without them.</summary>
public class DivergingNodeTests
{
    // η·λ = 1000: each step multiplies the weights by -999, and a dozen steps pass any limit.
    private const string Diverging = "\"training\":{\"epochs\":8,\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1000,"
        + "\"weightDecay\":1}}";

    public static TheoryData<string> WithServer => [.. Toy.Algorithms.Where(a => Toy.Fits(a, "star")
        && a is not ("split-learning" or "centralized" or "apfl") // one trains for all; apfl refuses weight decay
        && new ToyRun("algorithm=" + a).Plan is var plan && plan.PassesOn(0, 0))];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(WithServer))]
    public async Task A_server_that_diverges_does_not_stop_the_others(string algorithm)
    {
        var run = await Simulate("algorithm=" + algorithm, "rounds=4", Override(0));
        var plan = new ToyRun("algorithm=" + algorithm, "rounds=4").Plan;
        var start = plan.InitialWeights;

        var server = run.Rounds.Where(r => plan.PassesOn(0, r.Round - 1)).Select(r => r.Nodes.First(n => n.Node == 0))
            .Where(n => n.Absence is not null).ToList();
        Assert.NotEmpty(server);
        Assert.All(server, n => Assert.Contains("diverged", n.Absence, StringComparison.Ordinal));
        Assert.All(server, n => Assert.Equal(0, n.Steps));
        Assert.All(server, n => Assert.True(n.Test.Samples > 0, "The server was not tested."));
        Assert.All(run.Weights, w => Assert.NotEqual(start, w));
    }

    // The mean of the five others by samples, which all then have.
    [Fact(Timeout = 60_000)]
    public async Task The_server_sends_the_mean_of_the_others()
    {
        var run = await Simulate("rounds=1", Override(0));

        var by = new ToyRun("rounds=1");
        await using var lanes = new TrainingLanes(1);
        foreach (var me in by.Learners.Skip(1)) await lanes.Run("hand", (lane, stop) => me.Train(lane, 0, stop));
        by.Learners[0].Combine(0, 0, ReceivedUpdates.Of([.. by.Learners.Skip(1).Select(me =>
            new ReceivedUpdate(me.Index, by.Plan.TrainIndices(me.Index).Length, me.Compose(0)))]));
        Assert.All(run.Weights, w => Assert.Equal(by.Learners[0].Weights, w));
        Assert.Equal(5, run.Rounds[0].Present);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("fedavg", "star", 3)]
    [InlineData("gossip", "ring", 0)]
    [InlineData("swarm", "fully-connected", 1)]
    public async Task Another_node_that_diverges_is_absent_and_the_others_learn(
        string algorithm, string topology, int node)
    {
        var run = await Simulate("algorithm=" + algorithm, "topology=" + topology, Override(node));

        Assert.All(run.Rounds, r => Assert.Equal(5, r.Present));
        Assert.True(run.Rounds[^1].TestLoss.Mean < run.Rounds[0].TestLoss.Mean);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_in_which_nobodys_update_is_usable_fails_and_says_so()
    {
        var rounds = new List<int>();
        var refusal = await Assert.ThrowsAsync<RunFailedException>(() => Simulation.Run(
            Toy.Experiment("rounds=7", "seating.fruitlessRounds=3", Override(0, 1, 2, 3, 4, 5)),
            new SimulationOptions(Toy.Data(), 2, TimeProvider.System) { OnRound = r => rounds.Add(r.Round) }));

        Assert.Contains("Nobody's update was usable in 3 rounds in a row (seating.fruitlessRounds)", refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("diverged", refusal.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], rounds);
    }

    // Fewer than the default of ten, but all that there are.
    [Fact(Timeout = 60_000)]
    public async Task A_short_run_fails_after_its_last_round() =>
        Assert.Contains("2 rounds in a row", (await Assert.ThrowsAsync<RunFailedException>(() =>
            Simulate("rounds=2", "algorithm=gossip", "topology=ring", Override(0, 1, 2, 3, 4, 5)))).Message,
            StringComparison.Ordinal);

    // Rounds 2 and 4 bring nothing, 1 and 3 do; those that are away by plan are nobody's fault.
    [Fact]
    public void Rounds_count_in_a_row_only()
    {
        var plan = new ToyRun("rounds=6", "seating.fruitlessRounds=2").Plan;
        var all = Enumerable.Range(0, 6).ToDictionary(n => n, _ => "It diverged.");
        var (none, some) = (new RoundMisses(all, new Dictionary<int, string>()), new RoundMisses(
            all.Where(a => a.Key != 4).ToDictionary(), new Dictionary<int, string>()));

        Assert.Null(plan.RefusalOfFruitlessRounds(4, round => round % 2 == 1 ? none : some));
        Assert.NotNull(plan.RefusalOfFruitlessRounds(5, round => round >= 3 ? none : some));
        Assert.Null(plan.RefusalOfFruitlessRounds(1, _ => none));
        Assert.Contains("Node 0: Its disk is full.", plan.RefusalOfFruitlessRounds(2, _ => new RoundMisses(
            new Dictionary<int, string>(), new Dictionary<int, string> { [0] = "Its disk is full." })),
            StringComparison.Ordinal);
    }

    private static string Override(params int[] nodes) =>
        $"nodeOverrides=[{{\"nodes\":[{string.Join(',', nodes)}],{Diverging}}}]";

    private static Task<SimulationResult> Simulate(params string[] settings) =>
        Simulation.Run(Toy.Experiment(settings), new SimulationOptions(Toy.Data(), 2, TimeProvider.System));
}
