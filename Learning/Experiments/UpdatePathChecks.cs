using Orleans.FL.Learning.Aggregators;
using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Algorithms.Decentralised;
using Orleans.FL.Learning.Attacks;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What must hold between the stations of an update's path and the rest of an experiment.</summary>
internal static class UpdatePathChecks
{
    /// <summary>Everything that does not hold.</summary>
    /// <param name="experiment">An experiment whose every single value is in range.</param>
    public static IEnumerable<ValidationError> Check(Experiment experiment)
    {
        if (experiment.Aggregator.Name == "weighted-mean"
            && experiment.Filters.Count + experiment.Attackers.Count + experiment.Disturbances.Count == 0)
            return [];
        var topology = experiment.Topology.Create();
        var algorithms = experiment.NodeOverrides.Select(o => o.Algorithm)
            .Append(experiment.Algorithm).OfType<Components.Component<Algorithm>>().Distinct()
            .Select(c => (c.Name, Algorithm: c.Create())).ToList();
        var exchanges = ExchangesOf(experiment, topology);
        return CheckAggregator(experiment, algorithms, exchanges)
            .Concat(CheckSenders(experiment, algorithms, exchanges))
            .Concat(experiment.Attackers.Index()
                .SelectMany(g => CheckAttackers(g.Item, $"$.attackers[{g.Index}]", experiment.Nodes, topology.Server)))
            .Concat(CheckDisturbances(experiment, exchanges));
    }

    private static IReadOnlyList<ExchangeKind> ExchangesOf(Experiment experiment, Topology topology) =>
        experiment.Algorithm.Create() is var algorithm && algorithm is IAsynchronousAlgorithm scheduled
            && experiment.Pace.Name != Pace.Synchronous
            ? scheduled.ScheduledExchanges(topology)
            : algorithm.Exchanges(topology);

    private static IEnumerable<ValidationError> CheckAggregator(Experiment experiment,
        List<(string Name, Algorithm Algorithm)> algorithms, IReadOnlyList<ExchangeKind> exchanges)
    {
        var aggregator = experiment.Aggregator.Create();
        if (aggregator.Sight == Sight.Sums) yield break;
        foreach (var (name, algorithm) in algorithms)
            if ((algorithm is not Isolated || algorithms.Count == 1) && Refusal(algorithm, exchanges) is { } refusal)
                yield return new ValidationError("$.aggregator", $"The algorithm '{name}' {refusal}, "
                    + $"so '{experiment.Aggregator.Name}' has nothing to do in it; leave aggregator out, "
                    + "or set algorithm to one that takes means, such as fedavg, scaffold or gossip.");
        if (aggregator.Fewest > experiment.Nodes)
            yield return new ValidationError("$.aggregator", $"'{experiment.Aggregator.Name}' with these options needs "
                + $"{aggregator.Fewest} updates at once, and there are {experiment.Nodes} nodes; "
                + $"raise nodes to {aggregator.Fewest} or more, or lower what it is to withstand.");
    }

    /// <summary>Why an aggregator cannot take the place of an algorithm's mean; null if it can.</summary>
    private static string? Refusal(Algorithm algorithm, IReadOnlyList<ExchangeKind> exchanges) =>
        algorithm.Requires.EachUpdate ? "looks at each update itself"
            : exchanges.Contains(ExchangeKind.NeighboursByShares) ? "takes weighted sums that are no means"
            : exchanges.Contains(ExchangeKind.SplitSession) || exchanges.All(e => e == ExchangeKind.Broadcast)
                ? "makes no mean of updates"
            : null;

    private static IEnumerable<ValidationError> CheckSenders(Experiment experiment,
        List<(string Name, Algorithm Algorithm)> algorithms, IReadOnlyList<ExchangeKind> exchanges)
    {
        foreach (var (name, algorithm) in algorithms.Where(a => a.Algorithm is not Isolated
            && exchanges.Select((kind, e) => a.Algorithm.Content(new Exchange(e, kind)))
                .All(c => c == UpdateContent.Other)))
        {
            var why = $"The algorithm '{name}' sends neither weights nor changes that a node trained";
            if (experiment.Filters.Count > 0)
                yield return new ValidationError("$.filters",
                    $"{why}, so there is nothing to filter; leave filters out, or set algorithm to fedavg or gossip.");
            if (experiment.Attackers.Count > 0)
                yield return new ValidationError("$.attackers", $"{why}, so there is nothing that an attacker could "
                    + "replace; leave attackers out, or set algorithm to fedavg or gossip.");
        }
    }

    private static IEnumerable<ValidationError> CheckAttackers(AttackerGroup group, string path, int nodes, int? server)
    {
        if (group.Nodes.Count == 0 && group.Share is null)
            yield return new ValidationError(path,
                "The entry names no attackers; name nodes, or a share of them from 0 to 1, or leave the entry out.");
        if (group.Nodes.Count > 0 && group.Share is not null)
            yield return new ValidationError(path, "The entry names nodes and a share of them; keep one of the two.");
        foreach (var (i, node) in group.Nodes.Index())
            if (node >= nodes)
                yield return new ValidationError($"{path}.nodes[{i}]",
                    $"There is no node {node}: ranks are 0 to {nodes - 1}.");
            else if (node == server)
                yield return new ValidationError($"{path}.nodes[{i}]",
                    $"Node {node} is the server, which all nodes follow, so it cannot attack; name other nodes.");
        if (group.Until > 0 && group.Until < group.From)
            yield return new ValidationError($"{path}.until", $"The attack ends in round {group.Until}, "
                + $"before it begins in round {group.From}; set until to {group.From} or more, or to 0.");
    }

    private static IEnumerable<ValidationError> CheckDisturbances(
        Experiment experiment, IReadOnlyList<ExchangeKind> exchanges)
    {
        if (experiment.Disturbances.Count == 0) yield break;
        if (experiment.Pace.Name != Pace.Synchronous)
            yield return new ValidationError("$.disturbances",
                $"Under pace {experiment.Pace.Name} nodes come and go by its availability; "
                    + "set pace.availability and leave disturbances out, or set pace to synchronous.");
        if (exchanges.Contains(ExchangeKind.SplitSession))
            yield return new ValidationError("$.disturbances", $"'{experiment.Algorithm.Name}' needs all who take part "
                + "in a round, each with a part of the model; leave disturbances out.");
        if (experiment.Algorithm.Create().Requires.PooledData)
            yield return new ValidationError("$.disturbances", $"In '{experiment.Algorithm.Name}' only the server "
                + "trains, which is never away; leave disturbances out.");
    }
}
