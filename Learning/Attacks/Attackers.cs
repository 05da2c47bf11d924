using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Attacks;

/// <summary>Who attacks in which round.</summary>
public sealed class Attackers
{
    private readonly List<(HashSet<int> Nodes, AttackerGroup Group, Attack Attack)> _groups = [];

    /// <summary>Draws the attackers of a run.</summary>
    /// <param name="groups">
    /// Groups of attackers, and what they do; for a node that is in several, the last that attacks counts.
    /// </param>
    /// <param name="nodes">Number of nodes.</param>
    /// <param name="members">Number of those that are members at the beginning, which have the first ranks: of them,
    /// and of the others, the same share attacks.</param>
    /// <param name="server">Rank of the server, which is never drawn; null if there is none.</param>
    /// <param name="seeds">The run's randomness.</param>
    public Attackers(IReadOnlyList<(AttackerGroup Group, Attack Attack)> groups, int nodes, int members, int? server,
        Seeds seeds)
    {
        foreach (var (i, (group, attack)) in groups.Index())
        {
            var stream = seeds.Stream($"attackers/group-{i}");
            _groups.Add(([.. group.Nodes, .. Drawn(0, members), .. Drawn(members, nodes)], group, attack));

            IEnumerable<int> Drawn(int from, int to)
            {
                if (from == to) return [];
                int[] clients = [.. Enumerable.Range(from, to - from).Where(n => n != server)];
                var count = Math.Min(clients.Length, (int)Portion.Round(group.Share ?? 0, to - from));
                return stream.Sample(clients.Length, count).Select(place => clients[place]);
            }
        }
    }

    /// <summary>Whether anybody may attack.</summary>
    public bool Any => _groups.Any(g => g.Nodes.Count > 0);

    /// <summary>What a node does in a round instead of what an honest node would do; null if it is honest.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    public (Attack Attack, int Group)? Of(int node, int round)
    {
        for (var i = _groups.Count - 1; i >= 0; i--)
            if (_groups[i].Nodes.Contains(node) && _groups[i].Group.From <= round + 1
                && (_groups[i].Group.Until == 0 || round < _groups[i].Group.Until))
                return (_groups[i].Attack, i);
        return null;
    }
}
