using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Plans;

/// <summary>The nodes that are sampled to train, round by round: max(C·n, 1) of n members (McMahan et al. 2017,
/// Algorithm 1). Thread-safe.</summary>
/// <param name="plan">The run's plan.</param>
/// <param name="fraction">C, below 1.</param>
internal sealed class ClientSample(Plan plan, double fraction)
{
    private readonly Lock _gate = new();
    private Clients? _last;

    /// <summary>The sample of a run; null if all nodes train.</summary>
    public static ClientSample? Of(Plan plan) =>
        plan.Main.Requires.ClientFraction is < 1 and var fraction ? new ClientSample(plan, fraction) : null;

    /// <summary>The nodes that train in a round; the last round's sample is kept, as all nodes ask for it.</summary>
    public Clients Of(int round)
    {
        lock (_gate)
        {
            if (_last?.Round == round) return _last;
            var (members, server) = (plan.Members(round).Ranks, plan.Members(round).Server);
            var count = Math.Max(1, (int)Portion.Round(fraction, members.Length));
            var places = plan.Seeds.Stream("participants", round: round).Sample(members.Length, count);
            int[] ranks = [.. places.Select(place => members[place]).Order()];
            return _last = new(round, ranks, ranks.Contains(server) ? ranks : [.. ranks.Append(server).Order()]);
        }
    }
}

/// <summary>The nodes that train in a round, ascending.</summary>
internal sealed record Clients(int Round, int[] Ranks, int[] WithServer)
{
    /// <summary>Whether a node is among them.</summary>
    public bool Has(int rank) => Array.BinarySearch(Ranks, rank) >= 0;
}
