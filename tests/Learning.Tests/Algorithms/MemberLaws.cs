using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What every algorithm must do where not all nodes are members.</summary>
public class MemberLaws
{
    // Its nodes hand parts of one model on in turn, so that all must be members.
    private const string AllAreMembers = "split-learning";

    public static TheoryData<string, string> Runs
    {
        get
        {
            var runs = new TheoryData<string, string>();
            string[] more = ["{\"name\":\"l2c\",\"keptAfter\":1,\"kept\":1}", "{\"name\":\"fedbuff\",\"bufferSize\":3}",
                "{\"name\":\"meta-l2c\",\"keptAfter\":2,\"kept\":1}", "{\"name\":\"feddyn\",\"clientFraction\":0.5}",
                "{\"name\":\"representation-similarity\",\"runningAverage\":2}"];
            foreach (var algorithm in Toy.Algorithms.Where(a => a != AllAreMembers).Concat(more))
            {
                var name = algorithm.StartsWith('{') ? algorithm.Split('"')[3] : algorithm;
                foreach (var topology in (string[])["star", "ring", "fully-connected"])
                    if (Toy.Fits(name, topology)) runs.Add(algorithm, topology);
            }
            return runs;
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Runs))]
    public async Task Members_of_more_nodes_learn_what_they_would_learn_alone(string algorithm, string topology)
    {
        // Shards by sizes, so that the first four are the same however many nodes there are.
        string[] settings = ["algorithm=" + algorithm, "topology=" + topology, "seed=23",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":17}"];
        var alone = await AlgorithmLaws.Run([.. settings, "nodes=4"]);
        var members = await AlgorithmLaws.Run([.. settings, "nodes=7", "seating.members=4"]);

        Assert.Equal(alone.WeightsSha256, members.WeightsSha256);
        Assert.Equal(alone.Rounds.SelectMany(r => r.Nodes), members.Rounds.SelectMany(r => r.Nodes));
    }

    // Else it would vanish without a word when another node becomes the server.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(AlgorithmLaws.All), MemberType = typeof(AlgorithmLaws))]
    public async Task What_only_the_server_remembers_goes_to_the_next_server(string algorithm)
    {
        var run = new ToyRun("algorithm=" + algorithm);
        if (!run.Plan.EndsInBroadcast) return; // each node's model is its own
        await using (var lanes = new Learning.Training.Lanes.TrainingLanes(1))
            for (var round = 0; round < 3; round++) await run.Round(lanes, round);

        var others = run.Learners.Where(me => !me.IsServer).SelectMany(me => me.Memory.Keys).ToHashSet();
        var server = run.Learners.Single(me => me.IsServer).Memory.Keys.Where(name => !others.Contains(name));
        Assert.Empty(server.Except((run.Algorithm as IKeepServerState)?.ServerMemory ?? []));
    }

    [Fact(Timeout = 60_000)]
    public async Task The_data_of_those_that_are_no_members_are_not_pooled()
    {
        var alone = await AlgorithmLaws.Run(["algorithm=centralized", "nodes=2"]);
        var members = new ToyRun("algorithm=centralized", "nodes=5", "seating.members=2",
            "partitioner={\"name\":\"iid\",\"samplesPerNode\":10}", "training.validationFraction=0").Plan;

        Assert.Equal(20, members.TrainIndices(0).Length); // 2 · 10, not 5 · 10
        Assert.All(Enumerable.Range(1, 4), node => Assert.Empty(members.TrainIndices(node)));
        Assert.Equal(3, alone.Rounds.Count);
    }

    [Fact]
    public void Members_whose_data_are_pooled_cannot_change()
    {
        var refusal = Assert.Throws<ExperimentException>(() => Toy.Experiment("algorithm=centralized",
            "seating.members=4", "membership=[{\"round\":2,\"add\":[4]}]"));

        Assert.Contains(refusal.Errors, e => e.Message.Contains("data are pooled", StringComparison.Ordinal));
    }
}
