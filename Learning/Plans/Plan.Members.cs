using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Plans;

/// <summary>Who the members of a run are, round by round.</summary>
public sealed partial class Plan
{
    /// <summary>The nodes that take part in a round.</summary>
    /// <param name="round">Round, from 0.</param>
    public Membership Members(int round)
    {
        for (var i = _memberships.Length - 1; ; i--)
            if (_memberships[i].FromRound <= round) return _memberships[i]; // the first holds from round 0
    }

    /// <inheritdoc/>
    public int MemberCount(int round) => Members(round).Ranks.Length;

    /// <inheritdoc/>
    public bool IsMember(int node, int round) => Members(round).Has(node);

    /// <inheritdoc/>
    public int MembershipVersion(int round) => Members(round).Version;

    /// <summary>The plan with further changes of the members, after those of the experiment and before none of
    /// them.</summary>
    /// <param name="changes">All changes that were not in the experiment, in the order of their rounds.</param>
    /// <exception cref="ExperimentException">A change does not fit.</exception>
    public Plan With(IReadOnlyList<MembershipChange> changes)
    {
        if (changes.Count == 0) return this;
        var all = Experiment.Membership.Concat(changes).OrderBy(c => c.Round).ToList();
        return new Plan(this, Extend([_memberships[0]], all));
    }

    /// <summary>What is wrong with a change of the members, if it came next.</summary>
    /// <param name="change">The change.</param>
    public IReadOnlyList<string> Refusals(MembershipChange change)
    {
        if (Protocol.Refusal(change) is { } refusal) return [refusal];
        var after = _memberships.FirstOrDefault(m => m.FromRound >= change.Round - 1 && m.Version > 0);
        return after is not null
            ? [$"The members change in round {after.FromRound + 1} anyhow; ask again after it."]
            : [.. Memberships.Check(Experiment, Members(change.Round - 1).Ranks, change)];
    }

    /// <summary>Rank of the server that a run begins with; null where the topology has none.</summary>
    private static int? ServerOf(Experiment experiment) =>
        experiment.Topology.Create().Server is { } place ? Memberships.Initial(experiment)[place] : null;

    private Membership MemberOf(int version, int round, int[] ranks, int[] added)
    {
        var graph = GraphOf(ranks, round);
        var shares = Exchanges.Contains(ExchangeKind.NeighboursByShares);
        if (Main.Requires.Connected && _topology is IFollowLabels // others were checked without the data
            && MixingChecks.Refusal([graph], _topology.Mix(graph, Seeds, round, shares)) is { } refusal)
            throw new ExperimentException([new ValidationError("$.topology", refusal)]);
        return new Membership(version, round, ranks, added, graph, ranks[_topology.Server ?? 0]);
    }

    private Graph GraphOf(int[] ranks, int round) => _topology is IFollowLabels follows
        ? follows.Draw([.. ranks.Select(r => _labels[r])], Seeds)
        : _topology.Draw(ranks.Length, Seeds, round);

    private Membership[] Extend(List<Membership> memberships, IReadOnlyList<MembershipChange> changes)
    {
        foreach (var change in changes)
        {
            var before = memberships[^1].Ranks;
            if (Memberships.Check(Experiment, before, change).ToList() is { Count: > 0 } errors)
                throw new ExperimentException([.. errors.Select(f => new ValidationError("$.membership", f))]);
            memberships.Add(MemberOf(memberships.Count, change.Round - 1, Memberships.After(before, change),
                [.. change.Add.Order()]));
        }
        return [.. memberships];
    }
}
