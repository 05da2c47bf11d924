using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Plans;

/// <summary>A row of the mixing matrix of those who are there.</summary>
internal static class MixingRow
{
    /// <summary>From whom a node receives, with which weight, ascending by rank; whom it cannot receive from gives its weight back to the node itself.</summary>
    /// <remarks>By columns it is the sender who keeps the share of whom cannot receive from it, so that the columns of all who are there still sum to one.</remarks>
    /// <param name="members">Who takes part in the round.</param>
    /// <param name="mixing">The matrix of all members.</param>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="voices">Who counts.</param>
    public static List<(int Node, double Weight)> Of(Membership members, Mixing mixing, int node, Voices voices)
    {
        var row = new List<(int, double)>();
        double others = 0;
        foreach (var (position, weight) in mixing.ReceivedUpdate(members.Position(node)))
        {
            var other = members.Ranks[position];
            if (!voices.Tells(other)) continue;
            others += weight;
            if (voices.Factor(other) > 0) row.Add((other, weight * voices.Factor(other)));
        }
        var kept = !mixing.Columns ? 1 - others : !voices.Tells(node) ? 1
            : 1 - mixing.Told(members.Position(node)).Where(t => voices.Present(members.Ranks[t.Node])).Sum(t => t.Weight);
        // A node without samples still counts its own weights if nobody else is received.
        var own = Mixing.Rest(kept) * (row.Count == 0 ? 1 : voices.Factor(node));
        if (own > 0) row.Add((node, own));
        row.Sort((a, b) => a.Item1.CompareTo(b.Item1));
        return row;
    }
}

/// <summary>Who counts in an exchange.</summary>
/// <param name="Present">Whether a rank is there.</param>
/// <param name="Tells">Whether a rank is there and tells something.</param>
/// <param name="Factor">By what its weight is multiplied: 1, or its number of samples.</param>
internal readonly record struct Voices(Func<int, bool> Present, Func<int, bool> Tells, Func<int, int> Factor);
