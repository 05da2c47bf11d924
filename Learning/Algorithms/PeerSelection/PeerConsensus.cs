namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Consensus of a node's own peer scores and those that others send; what a node says of itself never
/// counts.</summary>
/// <remarks>A peer score is how similar another node is, 0 or more; the larger, the more similar.</remarks>
public static class PeerConsensus
{
    /// <summary>
    /// By node, how similarly it and the node see third ones: 1 − ½·Σ(pₖ − qₖ)², p and q the peer scores of both of
    /// those k of whom both found something, made to sum to 1; 0 … 1.
    /// </summary>
    /// <remarks>0 where there are not two such k, or where one's peer scores of them are all 0.</remarks>
    /// <param name="own">What the node finds of others, by rank.</param>
    /// <param name="sent">What others find, by sender and rank.</param>
    public static SortedDictionary<int, double> OfRows(
        IReadOnlyDictionary<int, float> own, IReadOnlyDictionary<int, IReadOnlyDictionary<int, float>> sent)
    {
        var agreed = new SortedDictionary<int, double>();
        foreach (var node in own.Keys)
        {
            var found = sent.GetValueOrDefault(node);
            var third = own.Keys.Where(k => k != node && found?.ContainsKey(k) == true).Order().ToArray();
            // not null where it has a key
            var (mine, theirs) = (third.Sum(k => (double)own[k]), third.Sum(k => (double)found![k]));
            agreed[node] = third.Length < 2 || !(mine > 0) || !(theirs > 0)
                ? 0
                : 1 - third.Sum(k => Math.Pow(own[k] / mine - found![k] / theirs, 2)) / 2;
        }
        return agreed;
    }

    /// <summary>
    /// By node, the share of the votes that it has of those it could have. The node and those most similar to it vote,
    /// each for those most similar to the voter.
    /// </summary>
    /// <remarks>Nobody votes for itself. A node that sent nothing has no vote; of equal peer scores the lowest ranks
    /// count first.</remarks>
    /// <param name="own">What the node finds of others, by rank: of them voters are, and they can be voted for.</param>
    /// <param name="sent">What others find, by sender and rank.</param>
    /// <param name="voters">How many vote beside the node.</param>
    /// <param name="votesEach">How many each votes for.</param>
    public static SortedDictionary<int, double> ByVotes(IReadOnlyDictionary<int, float> own,
        IReadOnlyDictionary<int, IReadOnlyDictionary<int, float>> sent, int voters, int votesEach)
    {
        var received = Best(own, voters, node => own[node] > 0).Where(sent.ContainsKey).ToList();
        var votes = received.SelectMany(voter =>
            Best(sent[voter], votesEach, node => node != voter && own.ContainsKey(node) && sent[voter][node] > 0))
            .Concat(Best(own, votesEach, _ => true)).CountBy(node => node).ToDictionary();
        return new(own.Keys.ToDictionary(node => node,
            node => votes.GetValueOrDefault(node) / (1.0 + received.Count(v => v != node))));
    }

    /// <summary>Similarities of each two, as one finds of the other; 0 where nothing was sent, and of
    /// oneself.</summary>
    /// <param name="me">Rank of the node.</param>
    /// <param name="own">What the node finds of others, by rank.</param>
    /// <param name="sent">What others find, by sender and rank.</param>
    /// <returns>A row a node: its own first, then those of <paramref name="own"/> by rank.</returns>
    public static double[][] Matrix(
        int me, IReadOnlyDictionary<int, float> own, IReadOnlyDictionary<int, IReadOnlyDictionary<int, float>> sent)
    {
        int[] nodes = [me, .. own.Keys.Order()];
        return [.. nodes.Select(a => nodes.Select(b =>
            a == b ? 0.0 : (a == me ? own : sent.GetValueOrDefault(a))?.GetValueOrDefault(b) ?? 0).ToArray())];
    }

    private static IEnumerable<int> Best(IReadOnlyDictionary<int, float> found, int count, Func<int, bool> may) =>
        found.Keys.Where(may).OrderByDescending(node => found[node]).ThenBy(node => node).Take(count);
}
