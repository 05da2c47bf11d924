namespace Orleans.FL.Learning.Algorithms;

/// <summary>What a change of the members means for a server.</summary>
/// <param name="Version">Counts the changes, from 1.</param>
/// <param name="Round">First round of the new members, from 1: there was one before.</param>
/// <param name="Server">Rank of the server from then on.</param>
/// <param name="LastServer">Rank of the server until then; often the same.</param>
/// <param name="MembersBefore">Number of members until then.</param>
/// <param name="Members">Number of members from then on.</param>
/// <param name="Left">Ranks of those that left and have a share in what the server keeps, ascending.</param>
public sealed record MemberTurnover(
    int Version, int Round, int Server, int LastServer, int MembersBefore, int Members, IReadOnlyList<int> Left)
{
    /// <summary>Whether another node is the server from then on.</summary>
    public bool ServerChanges => Server != LastServer;
}

/// <summary>A vector in the server's memory that is the mean of one in each member's; where a member has none, of
/// zeros.</summary>
/// <param name="Mean">Name of the mean.</param>
/// <param name="Own">Name of each member's vector.</param>
/// <param name="IsSent">Whether the server's broadcast carries the mean.</param>
public sealed record MemberMean(string Mean, string Own, bool IsSent);
