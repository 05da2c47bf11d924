using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.UpdatePaths;

namespace Orleans.FL.Learning.Plans;

/// <summary>What happens to updates on their way, and which nodes are away.</summary>
public sealed partial class Plan
{
    /// <summary>What happens to an update between its sender and its receiver.</summary>
    public UpdatePath Path { get; }

    /// <summary>
    /// What a node must see of what it receives in an exchange: silos do their part on the way where a server gathers.
    /// </summary>
    /// <param name="node">Rank of the receiver.</param>
    /// <param name="exchange">Index of the exchange.</param>
    public Sight SightOf(int node, int exchange) =>
        Exchanges[exchange] is ExchangeKind.Gather or ExchangeKind.GatherBySamples
            && !AlgorithmOf(node).Requires.EachUpdate ? Path.Aggregator.Sight : Sight.Updates;

    /// <summary>The nodes that are away in a round by the experiment's disturbances, with the reason, ascending; they
    /// are absent in it. Never the server.</summary>
    /// <param name="round">Round, from 0.</param>
    public SortedDictionary<int, string> Away(int round)
    {
        var away = new SortedDictionary<int, string>();
        if (!_outages.Any) return away;
        foreach (var node in Protocol.Participants(round).Where(n => !IsServer(n, round)))
            if (_outages.ReasonOf(node, round) is { } reason) away[node] = reason;
        return away;
    }

    /// <inheritdoc/>
    public SampleSet Samples(int node, int round)
    {
        var own = new SampleSet(Data.Train, TrainIndices(node));
        return IsServer(node, round) ? own : Path.Samples(own, node, round);
    }

    /// <inheritdoc/>
    public LocalObjective Objective(LocalObjective own, int node, int round) =>
        IsServer(node, round) ? own : Path.Objective(own, node, round);

    private static UpdatePath PathOf(Experiment experiment, int? server, Seeds seeds) =>
        new([.. experiment.Filters.Select(f => f.Create())],
            new Attackers([.. experiment.Attackers.Select(g => (g, g.Attack.Create()))], experiment.Nodes,
                Memberships.Initial(experiment).Length, server, seeds), experiment.Aggregator.Create());

    /// <summary>
    /// Refuses rows of the first round that are too small for the aggregator; later ones may still be, and are
    /// refused then.
    /// </summary>
    private void RequireRows()
    {
        if (Path.Fewest <= 1) return;
        for (var e = 0; e < Exchanges.Count; e++)
        {
            var (kind, exchange) = (Exchanges[e], e);
            if (kind is ExchangeKind.Broadcast or ExchangeKind.SplitSession) continue;
            var rows = Members(0).Ranks.Where(n => Receives(n, 0, exchange))
                .Select(n => (Node: n, Row(n, 0, exchange).Count))
                // a drawn row of one hands on
                .Where(r => kind != ExchangeKind.SampledPeers || r.Count > 1)
                    .DefaultIfEmpty((Node: 0, Count: Path.Fewest));
            var (node, count) = rows.MinBy(r => r.Count);
            if (count < Path.Fewest)
                throw new ExperimentException([new ValidationError("$.aggregator", $"Node {node} receives {count} "
                    + "updates in a round, its own among them if it has one, and the aggregator "
                    + $"{Experiment.Aggregator.Name} needs {Path.Fewest}; raise nodes or algorithm.clientFraction, "
                    + "take a topology with more neighbours, or lower what the aggregator is to withstand.")]);
        }
    }
}
