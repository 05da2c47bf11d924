using Orleans.FL.Learning.Algorithms;

namespace Orleans.FL.Learning.Plans;

/// <summary>What becomes of the server's state, and of new members, when the members change.</summary>
public sealed partial class Plan
{
    private MemberMean? MeanOfMembers => (Main as IKeepServerState)?.MeanOfMembers;

    /// <summary>Whether a round ends with the server spreading its model: then a node that missed the last round, or is
    /// new, receives that before the next.</summary>
    public bool EndsInBroadcast => Exchanges is [.., ExchangeKind.Broadcast];

    /// <summary>The node that holds the model that the run is about after a round: the server that spreads it; null
    /// where each node's model is its own.</summary>
    /// <param name="round">Round, from 0.</param>
    public int? SharedModel(int round) =>
        EndsInBroadcast || (IsAsynchronous && Main.Requires.Server) ? Members(round).Server : null;

    /// <summary>The node whose test is a round's; null where it is the mean over the nodes.</summary>
    /// <param name="round">Round, from 0.</param>
    public int? TestedModel(int round) =>
        Algorithms.All(a => !a.PersistentState.HasModel || a is ISpreadOneModel) ? SharedModel(round) : null;

    /// <summary>What a change of the members at the beginning of a round means for the server; null if there is none,
    /// or no server.</summary>
    /// <param name="round">Round, from 0.</param>
    public MemberTurnover? Turnover(int round)
    {
        if (round == 0 || !HasServer || Members(round) is not { Version: > 0 } now || now.FromRound != round)
            return null;
        var before = Members(round - 1);
        return new MemberTurnover(now.Version, round, now.Server, before.Server, before.Ranks.Length, now.Ranks.Length,
            MeanOfMembers is null ? [] : [.. before.Ranks.Except(now.Ranks)]);
    }

    /// <summary>The nodes that receive the server's model before a round, besides those that
    /// <see cref="RoundProtocol.CatchingUp"/>: those that missed the last round, and new members; all, if a change of
    /// the members changed what the server sends with it.</summary>
    /// <param name="round">Round, from 0.</param>
    /// <param name="missed">Those that missed the round before.</param>
    public IEnumerable<int> Behind(int round, IReadOnlyCollection<int> missed)
    {
        if (round == 0 || !EndsInBroadcast) return [];
        var (now, spread) = (Members(round), !missed.Contains(Members(round - 1).Server));
        var behind = spread ? missed : [];
        if (now.Version > 0 && now.FromRound == round && !Protocol.HasIdleNodes)
            behind = spread && MeanOfMembers is { IsSent: true } ? now.Ranks : [.. behind, .. now.Added];
        return behind.Where(n => n != now.Server && now.Has(n)).Distinct();
    }
}
