using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Plans;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;

namespace Orleans.FL.Learning.Tests.Algorithms;

/// <summary>What every algorithm of the catalog must do.</summary>
public class AlgorithmLaws
{
    /// <summary>
    /// What makes plain averaging of an algorithm that adds something to it; null where nothing does.
    /// </summary>
    private static readonly Dictionary<string, string[]?> Plain = new()
    {
        ["fedprox"] = ["algorithm.mu=0"],
        ["fedavgm"] = ["algorithm.serverMomentum=0"],
        ["moon"] = ["algorithm.mu=0"],
        ["ditto"] = ["algorithm.lambda=0"],
        ["apfl"] = ["algorithm.alpha=0", "algorithm.adaptive=false"],
        ["fedrep"] = null, // trains head and body one after the other
        ["feddyn"] = null, // the server goes on where the nodes went before
        ["push-sum"] = null, // a step counts the more, the less of the sum a node has
        ["fedadam"] = null, // their steps have a length of their own
        ["fedyogi"] = null,
        ["fedadagrad"] = null,
        ["similarity"] = ["algorithm.partners=0"], // all neighbours, none of whom needs judging
        ["fedval"] = ["algorithm.partners=0"],
        ["fedweight"] = ["algorithm.partners=0"],
        ["representation-similarity"] = ["algorithm.partners=0"],
        ["fedran"] = ["algorithm.partners=0"],
        ["dispfl"] = ["algorithm.density=1"],
        ["l2c"] = null, // learns whom to take how much of
        ["meta-l2c"] = null,
        ["def-kt"] = null, // models teach each other
        ["fedfomo"] = null, // goes back where training does not help
        ["fedasync"] = null, // one update makes a model, and only nodes that begin receive it
        ["fedbuff"] = null,
        ["split-learning"] = null, // one node needs a server, and a round is a turn of one
    };

    public static TheoryData<string> All => [.. Toy.Algorithms];

    /// <summary>All algorithms, and settings of theirs by which they go another way.</summary>
    public static TheoryData<string> Settings =>
    [
        .. Toy.Algorithms,
        "{\"name\":\"representation-similarity\",\"consensus\":\"vote-1hop\",\"selection\":\"linear\","
            + "\"firstRounds\":1}",
        "{\"name\":\"representation-similarity\",\"consensus\":\"club\",\"roundsPerSelection\":2}",
        "{\"name\":\"representation-similarity\",\"metric\":\"all\"}",
        "{\"name\":\"representation-similarity\",\"probe\":\"deep-inversion\",\"invEpochs\":9}",
    ];

    public static TheoryData<string> Averaging =>
        [.. Toy.Algorithms.Where(a => Plain.GetValueOrDefault(a, []) is not null)];

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Averaging))]
    public async Task One_node_is_plain_SGD(string algorithm)
    {
        string[] one = ["nodes=1", "partitioner.samplesPerNode=40", "algorithm.name=" + algorithm];
        var plain = await Run([.. one[..2], "algorithm=isolated"]);
        // A proximal term pulls a single node too; without it there is nothing but SGD.
        var alone = await Run([.. one, .. Plain.GetValueOrDefault(algorithm) ?? []]);

        Near(plain.Weights[0], alone.Weights[0], 1e-6);
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(All))]
    public async Task Loss_falls_on_the_toy_problem(string algorithm)
    {
        // where a round is one update, six nodes need as many as others need for one each
        var rounds = algorithm == "fedasync" ? 36 : 6;
        var run = await Run(["algorithm="
            + algorithm, $"rounds={rounds}", "training.epochs=5", "training.optimizer.learningRate=0.3"]);

        Assert.True(run.Rounds[^1].TestLoss.Mean < 0.8 * run.Rounds[0].TestLoss.Mean,
            $"{run.Rounds[0].TestLoss.Mean} -> {run.Rounds[^1].TestLoss.Mean}");
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Settings))]
    public async Task Lanes_do_not_change_a_bit(string algorithm)
    {
        var one = await Run(["algorithm=" + algorithm], lanes: 1);
        var three = await Run(["algorithm=" + algorithm], lanes: 3);

        Assert.Equal(one.WeightsSha256, three.WeightsSha256);
        Assert.Equal(one.Rounds.SelectMany(r => r.Nodes), three.Rounds.SelectMany(r => r.Nodes));
    }

    // Nodes of equal data train alike: with any mixing, they all go where one alone would go.
    [Theory]
    [MemberData(nameof(Averaging))]
    public void Nodes_that_move_alike_move_as_one(string algorithm)
    {
        foreach (var topology in Toy.TopologiesFor(algorithm))
        {
            var run = new ToyRun(["algorithm.name=" + algorithm, "topology="
                + topology, .. Plain.GetValueOrDefault(algorithm) ?? []]);
            for (var round = 0; round < 2; round++)
            {
                foreach (var me in run.Learners.Where(l => run.Plan.Trains(l.Index, round)))
                    run.Train(me.Index, round, 0.5f, 2);
                for (var e = 0; e < run.Plan.Exchanges.Count; e++) run.Exchange(round, e);
            }

            Assert.All(run.Learners, me => Assert.Equal(1, run.Moved(me.Index)));
        }
    }

    // What is not of the model's length is remembered as numbers, or it could not be read back from a checkpoint.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Settings))]
    public async Task What_is_remembered_can_be_read_back(string algorithm)
    {
        var run = new ToyRun("algorithm=" + algorithm);
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);

        Assert.All(run.Learners.SelectMany(me => me.Memory), m => Assert.True(
            LearnerState.IsNumbers(m.Key) || m.Value.Length == run.Plan.Layout.Length, m.Key));
    }

    // What a checkpoint holds, and nothing else, goes from one round to the next.
    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Settings))]
    public async Task Nodes_that_are_set_up_anew_from_their_states_go_on_to_the_same_bits(string algorithm)
    {
        var (whole, resumed) = (new ToyRun("algorithm=" + algorithm), new ToyRun("algorithm=" + algorithm));
        await using var lanes = new TrainingLanes(2);
        for (var round = 0; round < 3; round++)
        {
            await whole.Round(lanes, round);
            await resumed.Round(lanes, round);
            for (var i = 0; i < resumed.Learners.Length; i++)
            {
                var state = resumed.Learners[i].State;
                resumed.Learners[i] =
                    new Learner(resumed.Plan, i) { State = state with { RoundStart = state.Weights } };
            }
        }

        Assert.Equal(whole.Learners.Select(me => me.Weights), resumed.Learners.Select(me => me.Weights));
        Assert.Equal(whole.Learners.Select(me => me.Tested), resumed.Learners.Select(me => me.Tested));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(All))]
    public async Task What_is_sent_has_the_shape_that_was_declared(string algorithm)
    {
        foreach (var topology in Toy.TopologiesFor(algorithm))
        {
            var run = new ToyRun("algorithm=" + algorithm, "topology=" + topology);
            await using var lanes = new TrainingLanes(1);
            await run.Round(lanes, 0, (node, exchange, update) =>
            {
                Assert.Null(run.Plan.ShapeOf(node, exchange).Refusal(update));
                Assert.Equal(update.Bytes, run.Plan.ShapeOf(node, exchange).Bytes);
                // asked again, it says the same
                Assert.Equal(update.Weights, run.Learners[node].Compose(exchange).Weights);
            });
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Settings))]
    public async Task Payload_balances(string algorithm)
    {
        var run = await Run(["algorithm=" + algorithm]);

        Assert.All(run.Rounds, r => Assert.Equal(r.Nodes.Sum(n => n.SentBytes), r.Nodes.Sum(n => n.ReceivedBytes)));
    }

    internal static Task<SimulationResult> Run(string[] overrides, int lanes = 2) => Simulation.Run(
        Toy.Experiment(overrides), new SimulationOptions(Toy.Data(), lanes, TimeProvider.System));

    internal static void Near(ParameterVector expected, ParameterVector actual, double bound)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected.Span[i] - actual.Span[i]) <= bound,
                $"index {i}: {expected.Span[i]} and {actual.Span[i]}");
    }
}
