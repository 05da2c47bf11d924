using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Learning.Algorithms;

/// <summary>What becomes of a node when the members change.</summary>
public sealed partial class Learner
{
    private const string LedSince = "server.membership"; // the version for which the server was prepared

    /// <summary>Number of members in the round: the N of the papers.</summary>
    public int Members => _plan.MemberCount(Math.Max(0, _round));

    /// <summary>Whether a node is a member in the round.</summary>
    /// <param name="node">Its rank.</param>
    public bool IsMember(int node) => _plan.IsMember(node, Math.Max(0, _round));

    /// <summary>How often the members have changed up to the round.</summary>
    public int MembershipVersion => _plan.MembershipVersion(Math.Max(0, _round));

    /// <summary>Begins with the weights of another node, as a new member does where no server sends any.</summary>
    /// <param name="weights">The other's weights.</param>
    public void Adopt(ParameterVector weights) =>
        Weights = _algorithm is IAdoptPart part ? part.Adopted(this, weights) : weights;

    /// <summary>Whether it is yet to <see cref="Lead"/> the members of a change.</summary>
    /// <param name="change">The change.</param>
    public bool MustLead(MemberTurnover change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return (Numbers(LedSince)?.Span[0] ?? 0) != change.Version;
    }

    /// <summary>Becomes, or stays, the server of members that have changed: takes over what the last server kept, and
    /// takes the shares of those that left out of its means. Done again, it changes nothing.</summary>
    /// <param name="change">The change.</param>
    /// <param name="last">State of the last server; null where that is this node.</param>
    /// <param name="left">States of those that left, ascending by rank, so far as they hold any.</param>
    public void Lead(MemberTurnover change, LearnerState? last, IReadOnlyList<LearnerState> left)
    {
        ArgumentNullException.ThrowIfNull(left);
        if (!MustLead(change)) return;
        if (last is not null) Succeed(change, last);
        if ((_algorithm as IKeepServerState)?.MeanOfMembers is { } mean)
            Memory[mean.Mean] = WithoutShares(Recall(mean.Mean), change,
                [.. left.Select(l => l.Memory.GetValueOrDefault(mean.Own)).OfType<ParameterVector>()]);
        Remember(LedSince, change.Version);
    }

    private void Succeed(MemberTurnover change, LearnerState last)
    {
        var server = new Learner(_plan, change.LastServer) { State = last };
        var exchange = _plan.Exchanges.Count - 1;
        if (_plan.ExchangeAt(exchange).Kind == ExchangeKind.Broadcast)
            Combine(change.Round - 1, exchange,
                ReceivedUpdates.Of([new ReceivedUpdate(change.LastServer, 1, server.Compose(exchange))]));
        foreach (var name in (_algorithm as IKeepServerState)?.ServerMemory ?? [])
        {
            if (last.Memory.TryGetValue(name, out var kept)) Memory[name] = kept;
            else Memory.Remove(name);
        }
    }

    /// <summary>(N·x − Σ xⱼ)/N' over those j that left N members, so that N' are there now.</summary>
    private static ParameterVector WithoutShares(ParameterVector mean, MemberTurnover change, ParameterVector[] left)
    {
        var sums = Array.ConvertAll(mean.Span.ToArray(), v => (double)v * change.MembersBefore);
        foreach (var gone in left)
        {
            var own = gone.Span;
            for (var i = 0; i < sums.Length; i++) sums[i] -= own[i];
        }
        return ParameterVector.Own(Array.ConvertAll(sums, s => (float)(s / change.Members)));
    }
}
