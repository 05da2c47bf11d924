using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Plans;

/// <summary>A row of the mixing matrix of the nodes that are present.</summary>
internal static class MixingRow
{
    /// <summary>The nodes that a node receives from, with their weights, ascending by rank; the weight of an absent
    /// node goes back to the node itself.</summary>
    /// <remarks>By columns, the sender keeps the share of an absent receiver, so that the columns of the present nodes
    /// still sum to one.</remarks>
    /// <param name="members">The nodes that take part in the round.</param>
    /// <param name="mixing">The matrix of all members.</param>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="contributors">Which nodes count.</param>
    public static List<(int Node, double Weight)> Of(
        Membership members, Mixing mixing, int node, Contributors contributors)
    {
        var row = new List<(int, double)>();
        double others = 0;
        foreach (var (position, weight) in mixing.Received(members.Position(node)))
        {
            var other = members.Ranks[position];
            if (!contributors.Sends(other)) continue;
            others += weight;
            if (contributors.Factor(other) > 0) row.Add((other, weight * contributors.Factor(other)));
        }
        var kept = !mixing.Columns ? 1 - others : !contributors.Sends(node) ? 1
            : 1 - mixing.Sent(members.Position(node)).Where(t => contributors.Present(members.Ranks[t.Node]))
                .Sum(t => t.Weight);
        // A node without samples still counts its own weights if it receives from nobody else.
        var own = Mixing.Rest(kept) * (row.Count == 0 ? 1 : contributors.Factor(node));
        if (own > 0) row.Add((node, own));
        row.Sort((a, b) => a.Item1.CompareTo(b.Item1));
        return row;
    }
}

/// <summary>Which nodes count in an exchange.</summary>
/// <param name="Present">Whether a rank is there.</param>
/// <param name="Sends">Whether a rank is there and sends something.</param>
/// <param name="Factor">By what its weight is multiplied: 1, or its number of samples.</param>
internal readonly record struct Contributors(Func<int, bool> Present, Func<int, bool> Sends, Func<int, int> Factor);
