using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.PeerSelection;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Lanes;
using Orleans.FL.Testing;
using Xunit;
using PeerScores = System.Collections.Generic.Dictionary<int,
    System.Collections.Generic.IReadOnlyDictionary<int, float>>;

namespace Orleans.FL.Learning.Tests.Algorithms;

public class PeerConsensusTests
{
    // The node and node 1 both have scores of 2 and 3: (1, 3)/4 and (1, 1)/2 are ¼ apart each, 1 − (1/16 + 1/16)/2.
    // Node 2 sees 1 and 3 as 8 : 6, the node as 4 : 3. Node 3 sends one score only, node 4 has none. Scores that nodes
    // send of themselves, and of the node, never count.
    [Fact]
    public void Rows_by_hand()
    {
        var agreed = PeerConsensus.OfRows(Row((1, 4), (2, 1), (3, 3), (4, 1)), new PeerScores
        {
            [1] = Row((0, 9), (1, 1000), (2, 1), (3, 1)),
            [2] = Row((0, 5), (1, 8), (2, 1000), (3, 6)),
            [3] = Row((1, 2), (3, 1000)),
            [4] = Row((1, 0), (2, 0), (3, 0)),
        });

        Assert.Equal(new SortedDictionary<int, double> { [1] = 0.9375, [2] = 1, [3] = 0, [4] = 0 }, agreed);
    }

    // Voters are the node, 1 and 2, with two votes each. The node's: 1, 2. Of 1, without itself, the node and nodes
    // that the node did not receive from: 3, 4. Of 2: 4, 1. Node 1 has two of two votes that it could have, as it
    // cannot vote for itself, 2 one of two, 3 one of three, 4 two of three. Node 3 is no voter; a voter that sent
    // nothing is none.
    [Fact]
    public void Votes_by_hand()
    {
        var own = Row((1, 0.9f), (2, 0.5f), (3, 0.4f), (4, 0.1f));
        var sent = new PeerScores
        {
            [1] = Row((0, 0.9f), (1, 1000), (2, 0.1f), (3, 0.8f), (4, 0.7f), (9, 0.95f)),
            [2] = Row((1, 0.2f), (2, 1000), (4, 0.3f)),
            [3] = Row((3, 1000), (2, 1)),
        };

        Assert.Equal(new SortedDictionary<int, double> { [1] = 1, [2] = 0.5, [3] = 1 / 3.0, [4] = 2 / 3.0 },
            PeerConsensus.ByVotes(own, sent, 2, 2));
        sent.Remove(2);
        Assert.Equal(new SortedDictionary<int, double> { [1] = 1, [2] = 0.5, [3] = 0.5, [4] = 0.5 },
            PeerConsensus.ByVotes(own, sent, 2, 2));
    }

    // The node is 7. Node 5 sent no score of 2, node 2 sent none, and a node's similarity to itself is not counted.
    [Fact]
    public void Matrix_by_hand() => Assert.Equal([[0, 1, 2], [0, 0, 0], [3, 0, 0]],
        PeerConsensus.Matrix(7, Row((5, 2), (2, 1)), new PeerScores { [5] = Row((7, 3), (5, 1000)) }));

    // Each is linked to the one most like it: 0 and 1 to each other, 2 to 1, 3 to 2; 4 finds nothing in any. With two
    // links 2 and 3 have each other, and 1 and 2.
    [Theory]
    [InlineData(1, false, new[] { 0, 0, 2, 3, 4 })]
    [InlineData(1, true, new[] { 0, 0, 0, 0, 4 })]
    [InlineData(2, false, new[] { 0, 0, 0, 0, 4 })]
    public void Clubs_by_hand(int size, bool weak, int[] labels)
    {
        double[][] similarity = [[9, 3, 1, 2, 0], [5, 9, 4, 1, 0], [1, 4, 9, 3, 0], [1, 1, 2, 9, 0], [0, 0, 0, 0, 9]];

        Assert.Equal(labels, PairwiseClusters.Clubs(similarity, size, weak));
    }

    // The two with the highest scores by what was sent, and at equal scores those that the node finds more similar; or
    // the two of its cluster that it finds most similar.
    [Theory(Timeout = 60_000)]
    [InlineData("sim-averaging", "loss-inverse")]
    [InlineData("sim-of-sim", "kl")]
    [InlineData("vote-1hop", "kl")]
    [InlineData("affinity-propagation", "cka")]
    [InlineData("club", "distance-correlation")]
    public async Task Partners_are_those_agreed_on(string consensus, string metric)
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\","
            + $"\"metric\":\"{metric}\",\"samples\":0,\"consensus\":\"{consensus}\"}}", "training.epochs=5");
        var (models, found) = (new ParameterVector[6], new PeerScores());
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0, (node, exchange, update) =>
        {
            if (exchange == 0) models[node] = update.Weights;
            else found[node] = update.Weights.Span.ToArray().Zip(update.AuxiliaryVectors["peerScores"].Span.ToArray())
                .Where(f => f.First >= 0).ToDictionary(f => (int)f.First, f => f.Second);
        });

        foreach (var me in run.Learners)
        {
            var (own, sent) = (found[me.Index], found.Where(f => f.Key != me.Index).ToDictionary());
            var agreed = consensus switch
            {
                "sim-averaging" => FedWeight.Consensus(own, sent),
                "sim-of-sim" => PeerConsensus.OfRows(own, sent),
                "vote-1hop" => PeerConsensus.ByVotes(own, sent, 2, 2),
                _ => new(own.ToDictionary(o => o.Key, o => (double)o.Value)),
            };
            var matrix = PeerConsensus.Matrix(me.Index, own, sent);
            var labels = consensus switch
            {
                "affinity-propagation" => PairwiseClusters.AffinityPropagation(
                    [.. matrix.Select(row => row.Select(s => matrix.Max(r => r.Max()) - s).ToArray())]),
                "club" => PairwiseClusters.Clubs(matrix, 2, false),
                _ => new int[6],
            };
            var others = own.Keys.Order().Where((_, i) => labels[i + 1] == labels[0]);
            var partners = others.OrderByDescending(o => agreed[o]).ThenByDescending(o => own[o]).ThenBy(o => o)
                .Take(2).ToList();
            Assert.Equal(5, own.Count);
            Assert.Equal(ExactSum.WeightedMean([.. partners.Append(me.Index).Order().Select(i => (models[i], 1.0))]),
                me.Weights);
            Assert.All(me.Memory.Keys, k => Assert.True(LearnerState.IsNumbers(k)));
        }
    }

    // A node in no club averages with nobody until the next selection.
    [Fact(Timeout = 60_000)]
    public async Task Partners_of_a_cluster_are_kept_until_the_next_selection()
    {
        var run = new ToyRun("topology=fully-connected", "algorithm={\"name\":\"feddatarepr\",\"metric\":\"kl\","
            + "\"consensus\":\"club\",\"clubSize\":1,\"roundsPerSelection\":9}", "training.epochs=5");
        await using var lanes = new TrainingLanes(1);
        await run.Round(lanes, 0);
        var first = run.Learners.Select(me => me.Numbers("representation.partners")!).ToList();
        var models = new ParameterVector[6];
        await run.Round(lanes,
            1, (node, exchange, update) => models[node] = exchange == 0 ? update.Weights : models[node]);

        Assert.Equal(first, run.Learners.Select(me => me.Numbers("representation.partners")!));
        var alone = run.Learners.Where(me => first[me.Index].Span[0] < 0).ToList();
        Assert.NotEmpty(alone);
        Assert.All(alone, me => Assert.Equal(models[me.Index], me.Weights));
    }

    [Theory]
    [InlineData("\"metric\":\"sent-kl\",\"consensus\":\"vote-1hop\"", "set consensus to none")]
    [InlineData("\"metric\":\"all\",\"consensus\":\"club\"", "set consensus to none")]
    [InlineData("\"metric\":\"kl\",\"consensus\":\"sim-averaging\"", "set metric to loss-inverse")]
    [InlineData("\"consensus\":\"vote-1hop\",\"votes\":2,\"votesEach\":3", "set votes to 3 or more")]
    public void Options_without_a_possible_consensus_are_refused(string options, string remedy) =>
        Assert.Contains(remedy, Assert.Single(Assert.Throws<ExperimentException>(() =>
            Toy.Experiment($"algorithm={{\"name\":\"feddatarepr\",{options}}}")).Errors).Message);

    private static Dictionary<int, float> Row(params (int Node, float Found)[] peerScores) =>
        peerScores.ToDictionary(f => f.Node, f => f.Found);
}
