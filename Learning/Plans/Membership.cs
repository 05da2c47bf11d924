using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Plans;

/// <summary>The nodes that take part from a round on, and how they are connected.</summary>
/// <param name="Version">Counts the changes; 0 at the beginning.</param>
/// <param name="FromRound">First round that it holds in, from 0.</param>
/// <param name="Ranks">Ranks of the members, ascending; at least one.</param>
/// <param name="Added">Those among them that were no members before the change, ascending; empty for version 0.</param>
/// <param name="Graph">Who receives from whom in its first round, by position in <paramref name="Ranks"/>;
/// <see cref="Plan"/> knows that of each round.</param>
/// <param name="Server">Rank of the node that gathers and spreads; the first member where the topology has no
/// server.</param>
public sealed record Membership(int Version, int FromRound, int[] Ranks, int[] Added, Graph Graph, int Server)
{
    /// <summary>Whether a rank is a member.</summary>
    /// <param name="rank">The rank.</param>
    public bool Has(int rank) => Position(rank) >= 0;

    /// <summary>Position of a rank among the members; negative if it is none.</summary>
    /// <param name="rank">The rank.</param>
    public int Position(int rank) =>
        Ranks.Length > rank && Ranks[rank] == rank ? rank : Array.BinarySearch(Ranks, rank); // most often nobody left

    /// <summary>Neighbours of a member in the first round, by rank.</summary>
    /// <param name="rank">The member's rank.</param>
    public IEnumerable<int> Neighbours(int rank) => Graph.Neighbours(Position(rank)).Select(p => Ranks[p]);

    /// <summary>
    /// The member whose weights a new one begins with: the server of the topology, else its first neighbour, else the
    /// first member, in each case one that is not new itself.
    /// </summary>
    /// <param name="rank">Rank of the new member.</param>
    /// <param name="hasServer">Whether the topology has a server.</param>
    public int Sponsor(int rank, bool hasServer) =>
        (hasServer ? [Server, .. Ranks] : Neighbours(rank).Concat(Ranks)).First(r => r != rank && !Added.Contains(r));
}
