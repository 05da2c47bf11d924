using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

public sealed partial class RepresentationSimilarity
{
    private const string NoConsensus = "none", SimAveraging = "sim-averaging", SimOfSim = "sim-of-sim",
        Vote = "vote-1hop", AffinityPropagation = "affinity-propagation", Club = "club";

    /// <summary>
    /// Partners by what the node and others found; of equal ones those that the node finds more similar come first.
    /// </summary>
    private IEnumerable<ReceivedUpdate> Agreed(
        Learner me, ReceivedUpdate[] kept, Dictionary<int, IReadOnlyDictionary<int, float>> sent)
    {
        var own = _voting.Own(me);
        var labels = Clusters(me, own, sent); // the node's own first, then by rank
        ReceivedUpdate[] others =
            [.. kept.Where((_, i) => labels[i + 1] == labels[0]).OrderByDescending(o => own[o.Node])];
        var agreed = options.Consensus switch
        {
            SimAveraging => FedWeight.Consensus(own, sent),
            SimOfSim => PeerConsensus.OfRows(own, sent),
            Vote => PeerConsensus.ByVotes(own, sent, options.Voters, options.VotesEach),
            _ => null,
        };
        return Select(me, others, CountOf(me, others.Length), [.. others.Select(o => agreed?[o.Node] ?? own[o.Node])]);
    }

    private int[] Clusters(
        Learner me, SortedDictionary<int, float> own, Dictionary<int, IReadOnlyDictionary<int, float>> sent)
    {
        if (options.Consensus is not (AffinityPropagation or Club)) return new int[own.Count + 1];
        var similarity = PeerConsensus.Matrix(me.Index, own, sent);
        if (options.Consensus == Club) return PairwiseClusters.Clubs(similarity, options.ClubSize, options.WeakLinks);
        var most = similarity.Max(row => row.Max());
        return PairwiseClusters.AffinityPropagation(
            [.. similarity.Select(row => Array.ConvertAll(row, s => most - s))]);
    }
}
