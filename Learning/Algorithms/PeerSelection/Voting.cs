using System.Globalization;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms.PeerSelection;

/// <summary>Voting over two exchanges: nodes receive models and score them, then send each other their peer scores and
/// choose.</summary>
/// <remarks>
/// Models received are kept in the node's memory from the first exchange to the second, peer scores too. A node sends
/// so many of its peer scores, the largest ones.
/// </remarks>
/// <param name="prefix">What names in the memory begin with: the algorithm's.</param>
/// <param name="sent">Name of the vector of peer scores in an update.</param>
/// <param name="votes">Number of peer scores that a node sends.</param>
internal sealed class Voting(string prefix, string sent, int votes)
{
    private const float Nobody = -1;

    private string Found => $"{prefix}.own";

    /// <summary>Shape of what is sent in the second exchange: ranks, and what was found of them.</summary>
    public UpdateShape Shape => new(votes, [new AuxiliaryVector(sent, votes, IsExact: true)]) { IsExact = true };

    /// <summary>Keeps models and peer scores.</summary>
    /// <param name="me">The node.</param>
    /// <param name="others">Those that it received but itself.</param>
    /// <param name="peerScores">What it finds of each; the larger, the more alike.</param>
    public void Keep(Learner me, IReadOnlyList<ReceivedUpdate> others, IReadOnlyList<double> peerScores)
    {
        Forget(me);
        foreach (var other in others) me.Memory[NameOf(other.Node)] = other.Update.Weights;
        me.Remember(Found, [.. others.SelectMany((o, i) => new[] { o.Node, (float)peerScores[i] })]);
    }

    /// <summary>What the node found, by rank; empty if it received no update.</summary>
    /// <param name="me">The node.</param>
    public SortedDictionary<int, float> Own(Learner me)
    {
        var numbers = me.Numbers(Found)?.Span.ToArray() ?? [];
        return new(numbers.Chunk(2).ToDictionary(pair => (int)pair[0], pair => pair[1]));
    }

    /// <summary>A node whose model is kept, as if it was received now.</summary>
    /// <param name="me">The node.</param>
    /// <param name="other">Rank of the other.</param>
    public ReceivedUpdate Kept(Learner me, int other) => new(other, 1, new Update(me.Memory[NameOf(other)]));

    /// <summary>Ranks and peer scores, the largest first.</summary>
    /// <param name="me">The node.</param>
    public Update Compose(Learner me)
    {
        var (ranks, peerScores) = (new float[votes], new float[votes]);
        Array.Fill(ranks, Nobody);
        foreach (var (place, (node, found)) in Own(me).OrderByDescending(s => s.Value).Take(votes).Index())
            (ranks[place], peerScores[place]) = (node, found);
        return new(ParameterVector.Own(ranks),
            new Dictionary<string, ParameterVector> { [sent] = ParameterVector.Own(peerScores) });
    }

    /// <summary>What others found, by sender and rank, from 0 to a bound; what is no number counts as 0.</summary>
    /// <param name="me">The node, whose own peer scores are left out.</param>
    /// <param name="updates">What was sent.</param>
    /// <param name="most">Largest possible peer score.</param>
    public Dictionary<int, IReadOnlyDictionary<int, float>> Read(
        Learner me, IReadOnlyList<ReceivedUpdate> updates, float most) =>
        updates.Where(u => u.Node != me.Index)
            .ToDictionary(u => u.Node, IReadOnlyDictionary<int, float> (u) => Of(u.Update, most));

    /// <summary>Forgets the models.</summary>
    /// <param name="me">The node.</param>
    public void Forget(Learner me)
    {
        foreach (var name in me.Memory.Keys
            .Where(k => k.StartsWith($"{prefix}.model.", StringComparison.Ordinal)).ToList())
            me.Memory.Remove(name);
    }

    private Dictionary<int, float> Of(Update update, float most)
    {
        var votes = new Dictionary<int, float>();
        for (var i = 0; i < update.Weights.Length; i++)
            if (update.Weights.Span[i] > Nobody)
                votes[(int)update.Weights.Span[i]] = update.AuxiliaryVectors[sent].Span[i] is var found
                    && float.IsNaN(found) ? 0 : Math.Clamp(found, 0, most);
        return votes;
    }

    private string NameOf(int node) => $"{prefix}.model.{node.ToString("000000", CultureInfo.InvariantCulture)}";
}
