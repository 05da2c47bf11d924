using Orleans.FL.Learning.Algorithms;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Who hears whom in an exchange, and what each weighs.</summary>
public sealed partial class Plan
{
    /// <summary>Whether a node hears anybody in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public bool Hears(int node, int round, int exchange)
    {
        var members = Members(round);
        return members.Has(node) && Exchanges[exchange] switch
        {
            ExchangeKind.Gather or ExchangeKind.GatherBySamples => node == members.Hub,
            ExchangeKind.Broadcast => node != members.Hub && !Rests,
            ExchangeKind.Drawn or ExchangeKind.Conversation => Drawn(round, exchange).Of(node).Count > 0,
            _ => true,
        };
    }

    /// <summary>Whom a node hears in an exchange, with which weight; ascending by rank; empty if it takes no part.</summary>
    /// <remarks>Where nodes rest, the broadcast's row is that of whoever begins the next round with it.</remarks>
    /// <param name="node">Rank of the hearer.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="absent">Nodes that cannot be heard; a neighbour's weight goes back to the hearer, a hub's mean is taken over the rest.</param>
    public IReadOnlyList<(int Node, double Weight)> Row(int node, int round, int exchange, IReadOnlySet<int>? absent = null)
    {
        var members = Members(round);
        if (!Hears(node, round, exchange) && !(Rests && Exchanges[exchange] == ExchangeKind.Broadcast && node != members.Hub)) return [];
        bool Heard(int other) => absent is null || !absent.Contains(other);
        switch (Exchanges[exchange])
        {
            case ExchangeKind.Broadcast:
                return Heard(members.Hub) ? [(members.Hub, 1)] : [];
            case ExchangeKind.Gather:
                return [.. Trainers(round).Where(Heard).Select(i => (i, 1.0))];
            case ExchangeKind.GatherBySamples:
                return [.. Trainers(round).Where(i => Heard(i) && Samples(i) > 0).Select(i => (i, (double)Samples(i)))];
            case ExchangeKind.Drawn or ExchangeKind.Conversation:
                return WithoutAbsent(Drawn(round, exchange).Of(node), node, Heard);
            default:
                var mixing = _mixings.Of(members, round, Exchanges[exchange] == ExchangeKind.NeighboursByShares);
                return MixingRow.Of(members, mixing, node, new(Heard, other => Heard(other) && Trains(other, round),
                    Exchanges[exchange] == ExchangeKind.NeighboursBySamples ? Samples : _ => 1));
        }
    }

    /// <summary>What a node weighs in the hub's mean of a round's first exchange, whoever is absent; null if it is not in it.</summary>
    /// <param name="node">Rank of the teller.</param>
    /// <param name="round">Round, from 0.</param>
    public double? GatherWeight(int node, int round) => !Trains(node, round) ? null : Exchanges[0] switch
    {
        ExchangeKind.Gather => 1,
        ExchangeKind.GatherBySamples when Samples(node) > 0 => Samples(node),
        _ => null,
    };

    /// <summary>How many other nodes hear a node in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the teller.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public int Listeners(int node, int round, int exchange)
    {
        var members = Members(round);
        return !members.Has(node) ? 0 : Exchanges[exchange] switch
        {
            ExchangeKind.Gather => node != members.Hub && Trains(node, round) ? 1 : 0,
            ExchangeKind.GatherBySamples => node != members.Hub && Trains(node, round) && Samples(node) > 0 ? 1 : 0,
            ExchangeKind.Broadcast => node == members.Hub && !Rests ? members.Ranks.Length - 1 : 0,
            ExchangeKind.Drawn or ExchangeKind.Conversation => Drawn(round, exchange).Listeners(node),
            ExchangeKind.NeighboursBySamples when Samples(node) == 0 => 0,
            var kind => Trains(node, round)
                ? _mixings.Of(members, round, kind == ExchangeKind.NeighboursByShares).Graph.Listeners(members.Position(node)) : 0,
        };
    }

    /// <summary>What the algorithm draws for an exchange; the last round's draw is kept, for all nodes ask for it.</summary>
    private Rows Drawn(int round, int exchange)
    {
        lock (_drawn) // held while it draws: all nodes of a silo ask at once
        {
            if (_drawn.TryGetValue(exchange, out var last) && last.Round == round) return last.Rows;
            var members = Members(round);
            var rows = Main.Draw(new Meeting(round, exchange, members.Ranks, members.Hub, Seeds)
            {
                Trained = i => Trains(i, round),
                Samples = Samples,
                Mixing = i => MixingRow.Of(
                    members, _mixings.Of(members, round, false), i, new(_ => true, other => WaitsForNobody || Trains(other, round), _ => 1)),
                Virtual = _schedule?.Of(round),
            });
            _drawn[exchange] = (round, rows);
            return rows;
        }
    }

    /// <summary>A drawn row without those that cannot be heard, whose weight goes back to the hearer if it hears itself.</summary>
    private static IReadOnlyList<(int Node, double Weight)> WithoutAbsent(
        IReadOnlyList<(int Node, double Weight)> row, int node, Func<int, bool> heard)
    {
        var lost = row.Where(r => r.Node != node && !heard(r.Node)).Sum(r => r.Weight);
        return lost == 0 ? row : [.. row.Where(r => r.Node == node || heard(r.Node)).Select(r => r.Node == node ? (node, r.Weight + lost) : r)];
    }
}
