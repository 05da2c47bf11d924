using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Grains.Placement;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Plans;

namespace Orleans.FL.Grains.Runs.State;

/// <summary>Who sits where, and whether nodes have to move: decisions, and no calls.</summary>
/// <param name="cluster">The silos.</param>
internal sealed class RunSeats(ISiloView cluster)
{
    private readonly HashSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SiloAddress> _addresses = [];
    private string _seen = ""; // silos and members for which the seats are known to be right

    /// <summary>Name of the silo by rank.</summary>
    public SortedDictionary<int, string> Seats { get; private set; } = [];

    /// <summary>The seats as they are published.</summary>
    public Seat[] Peers { get; set; } = [];

    /// <summary>Members that could not be seated when the run began, and why: they are absent to its end.</summary>
    public SortedDictionary<int, string> Unseated { get; } = [];

    /// <summary>Nodes that missed the round before.</summary>
    public HashSet<int> Behind { get; set; } = [];

    /// <summary>Version of the membership that is seated.</summary>
    public int Version { get; set; }

    /// <summary>Silos with seats, by name, with the addresses that they had when the seats were taken.</summary>
    public IReadOnlyDictionary<string, SiloAddress> Addresses => _addresses;

    /// <summary>Silos that hold nodes, with those addresses.</summary>
    public IEnumerable<KeyValuePair<string, SiloAddress>> Held => _addresses.Where(a => Seats.ContainsValue(a.Key));

    /// <summary>Whether this silo was said to be about to stop.</summary>
    public bool HereLeaves => _leaving.Contains(cluster.Here);

    /// <summary>A silo is about to stop: nodes are to move from it.</summary>
    /// <param name="silo">Its name.</param>
    public void Leave(string silo) => _leaving.Add(silo);

    /// <summary>A node's stable name.</summary>
    /// <param name="rank">Its rank.</param>
    public static string Identity(int rank) => $"node-{rank:D4}";

    /// <summary>Nodes by the silo that they sit on.</summary>
    /// <param name="nodes">Ranks of nodes with a seat.</param>
    public int[][] BySilo(IEnumerable<int> nodes) => [.. nodes.GroupBy(n => Seats[n]).Select(silo => silo.ToArray())];

    /// <summary>Silos that may hold nodes: those that work and do not leave.</summary>
    public IReadOnlyList<SiloPlace> Candidates()
    {
        var silos = cluster.Silos;
        _leaving.RemoveWhere(l => silos.All(s => s.Name != l)); // gone; one of that name may come again
        return [.. silos.Where(s => !_leaving.Contains(s.Name))];
    }

    /// <summary>Members but those that could not be seated when the run began.</summary>
    /// <param name="members">The members.</param>
    public int[] Present(Membership members) => [.. members.Ranks.Where(r => !Unseated.ContainsKey(r))];

    /// <summary>Deals the members to the silos.</summary>
    /// <param name="members">The members.</param>
    /// <param name="pins">Where nodes must sit.</param>
    /// <param name="before">Where they sat before.</param>
    /// <param name="unfit">Silos that cannot take part, and why.</param>
    /// <param name="mayMiss">Whether members for whom there is no seat may be missing; the quorum decides then.</param>
    /// <returns>What stands in the way; empty if nothing does.</returns>
    public string Deal(Membership members, IReadOnlyList<DevicePin> pins, IReadOnlyDictionary<int, string> before,
        IReadOnlyDictionary<string, string> unfit, bool mayMiss)
    {
        var silos = Candidates().Where(s => !unfit.ContainsKey(s.Name)).ToArray();
        var dealt = SeatPlan.Assign(silos, Present(members), pins, before);
        if (dealt.Unplaced.Count > 0 && (!mayMiss || dealt.Seats.Count == 0))
            return unfit.Count > 0
                ? $"{dealt.Unplaced.First().Value} Silo {unfit.First().Key}: {unfit.First().Value}"
                : dealt.Unplaced.First().Value;
        foreach (var (rank, why) in dealt.Unplaced) Unseated[rank] = why;
        _seen = dealt.Unplaced.Count == 0 ? Sight(members, silos) : "";
        Seats = new SortedDictionary<int, string>(dealt.Seats.ToDictionary());
        _addresses.Clear();
        foreach (var silo in silos.Where(s => Seats.ContainsValue(s.Name))) _addresses[silo.Name] = silo.Address;
        return "";
    }

    /// <summary>Whether all must be seated anew before the next round.</summary>
    /// <param name="members">Members of that round.</param>
    /// <param name="pins">Where nodes must sit.</param>
    /// <param name="done">Rounds done.</param>
    /// <param name="mayMove">Whether nodes can move to other silos: there are checkpoints to move with.</param>
    /// <returns>Why; empty if the seats are right.</returns>
    public string ReasonToMove(Membership members, IReadOnlyList<DevicePin> pins, int done, bool mayMove)
    {
        var reason = members.Version != Version ? $"Round {done + 1} begins with {members.Ranks.Length} members." : "";
        var silos = Candidates();
        var seen = Sight(members, silos);
        if (mayMove && silos.Count > 0)
        {
            if (seen == _seen) return "";
            var wanted = SeatPlan.Assign(silos, Present(members), pins, Seats);
            if (reason.Length == 0 && wanted.Unplaced.Count == 0
                && !wanted.Seats.SequenceEqual(Seats.Where(s => members.Has(s.Key))))
                reason = MoveReason(silos);
        }
        if (reason.Length == 0) _seen = seen;
        return reason;
    }

    private string MoveReason(IReadOnlyList<SiloPlace> silos)
    {
        var before = Seats.Values.Distinct().ToArray();
        var gone = before.Except(silos.Select(s => s.Name)).ToArray();
        var come = silos.Select(s => s.Name).Except(before).ToArray();
        return gone.Length > 0 ? $"Silo {string.Join(", ", gone)} is about to stop." : come.Length > 0
            ? $"Silo {string.Join(", ", come)} joined." : "The silos' lanes changed.";
    }

    /// <summary>What seats depend on, as text.</summary>
    private static string Sight(Membership members, IEnumerable<SiloPlace> silos) =>
        $"{members.Version} {string.Join(' ', silos)}";
}
