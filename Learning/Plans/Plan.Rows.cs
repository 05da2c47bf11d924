using Orleans.FL.Learning.Algorithms;

namespace Orleans.FL.Learning.Plans;

/// <summary>Who receives from whom in an exchange, and what each weighs.</summary>
public sealed partial class Plan
{
    /// <summary>Whether a node receives from anybody in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public bool Receives(int node, int round, int exchange)
    {
        var members = Members(round);
        return members.Has(node) && Exchanges[exchange] switch
        {
            ExchangeKind.Gather or ExchangeKind.GatherBySamples => node == members.Server,
            ExchangeKind.Broadcast => node != members.Server && !Protocol.HasIdleNodes,
            ExchangeKind.SampledPeers or ExchangeKind.SplitSession => SampledRows(round, exchange).Of(node).Count > 0,
            _ => true,
        };
    }

    /// <summary>The nodes that a node receives from in an exchange, with their weights; ascending by rank; empty if it
    /// takes no part.</summary>
    /// <remarks>Where nodes are idle, the broadcast's row is that of the nodes that begin the next round with
    /// it.</remarks>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    /// <param name="absent">Nodes that send nothing; a neighbour's weight goes back to the receiver, a server's mean is
    /// taken over the rest.</param>
    public IReadOnlyList<(int Node, double Weight)> Row(
        int node, int round, int exchange, IReadOnlySet<int>? absent = null)
    {
        var members = Members(round);
        if (!Receives(node, round, exchange)
            && !(Protocol.HasIdleNodes && Exchanges[exchange] == ExchangeKind.Broadcast && node != members.Server))
            return [];
        bool IsPresent(int other) => absent is null || !absent.Contains(other);
        switch (Exchanges[exchange])
        {
            case ExchangeKind.Broadcast:
                return IsPresent(members.Server) ? [(members.Server, 1)] : [];
            case ExchangeKind.Gather:
                return [.. Protocol.Trainers(round).Where(IsPresent).Select(i => (i, 1.0))];
            case ExchangeKind.GatherBySamples:
                return [.. Protocol.Trainers(round).Where(i => IsPresent(i) && Samples(i) > 0)
                    .Select(i => (i, (double)Samples(i)))];
            case ExchangeKind.SampledPeers or ExchangeKind.SplitSession:
                return WithoutAbsent(SampledRows(round, exchange).Of(node), node, IsPresent);
            default:
                var mixing = _mixings.Of(members, round, Exchanges[exchange] == ExchangeKind.NeighboursByShares);
                return MixingRow.Of(members, mixing, node,
                    new(IsPresent, other => IsPresent(other) && Trains(other, round),
                        Exchanges[exchange] == ExchangeKind.NeighboursBySamples ? Samples : _ => 1));
        }
    }

    /// <summary>A node's weight in the server's mean of a round's first exchange, absences aside; null if it is not in
    /// it.</summary>
    /// <param name="node">Rank of the sender.</param>
    /// <param name="round">Round, from 0.</param>
    public double? GatherWeight(int node, int round) => !Trains(node, round) ? null : Exchanges[0] switch
    {
        ExchangeKind.Gather => 1,
        ExchangeKind.GatherBySamples when Samples(node) > 0 => Samples(node),
        _ => null,
    };

    /// <summary>How many other nodes receive from a node in an exchange, absences aside.</summary>
    /// <param name="node">Rank of the sender.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public int ReceiverCount(int node, int round, int exchange)
    {
        var members = Members(round);
        return !members.Has(node) ? 0 : Exchanges[exchange] switch
        {
            ExchangeKind.Gather => node != members.Server && Trains(node, round) ? 1 : 0,
            ExchangeKind.GatherBySamples => node != members.Server && Trains(node, round) && Samples(node) > 0 ? 1 : 0,
            ExchangeKind.Broadcast => node == members.Server && !Protocol.HasIdleNodes ? members.Ranks.Length - 1 : 0,
            ExchangeKind.SampledPeers or ExchangeKind.SplitSession => SampledRows(round, exchange).ReceiverCount(node),
            ExchangeKind.NeighboursBySamples when Samples(node) == 0 => 0,
            var kind => Trains(node, round)
                ? _mixings.Of(members, round, kind == ExchangeKind.NeighboursByShares).Graph
                    .ReceiverCount(members.Position(node))
                : 0,
        };
    }

    /// <summary>
    /// What the algorithm draws for an exchange; the last round's draw is kept, for all nodes ask for it.
    /// </summary>
    private MixingRows SampledRows(int round, int exchange)
    {
        lock (_drawn) // held while it draws: all nodes of a silo ask at once
        {
            if (_drawn.TryGetValue(exchange, out var last) && last.Round == round) return last.Rows;
            var members = Members(round);
            var algorithm = Main as ISamplePeers ?? throw new NotSupportedException(
                $"{Main.GetType().Name} has an exchange that is drawn, and is no ISamplePeers.");
            var rows = algorithm.SamplePeers(new PeerSamplingContext(round, exchange, members.Ranks,
                members.Server, Seeds)
            {
                Trained = i => Trains(i, round),
                Samples = Samples,
                Mixing = i => MixingRow.Of(members, _mixings.Of(members, round, false), i,
                    new(_ => true, other => IsAsynchronous || Trains(other, round), _ => 1)),
                Scheduled = Protocol.Scheduled(round),
            });
            _drawn[exchange] = (round, rows);
            return rows;
        }
    }

    /// <summary>A drawn row without the absent nodes, whose weight goes back to the receiver if the row has one for
    /// itself.</summary>
    private static IReadOnlyList<(int Node, double Weight)> WithoutAbsent(
        IReadOnlyList<(int Node, double Weight)> row, int node, Func<int, bool> present)
    {
        if (!present(node)) return [.. row.Where(r => present(r.Node))]; // its own training failed
        var lost = row.Where(r => r.Node != node && !present(r.Node)).Sum(r => r.Weight);
        return lost == 0 ? row : [.. row.Where(r => r.Node == node || present(r.Node))
            .Select(r => r.Node == node ? (node, r.Weight + lost) : r)];
    }
}
