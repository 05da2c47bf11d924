using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Topologies;

namespace Orleans.FL.Learning.Experiments;

/// <summary>What a valid experiment is that its author may not have meant: said before it starts, and in its
/// record.</summary>
public static class ExperimentRemarks
{
    private const string WithServer = "star";

    /// <summary>Graphs of more nodes are not drawn for a remark.</summary>
    private const int MostNodes = 100_000;

    /// <summary>The remarks, a sentence or two each; mostly none.</summary>
    /// <param name="experiment">A valid experiment.</param>
    public static IReadOnlyList<string> Of(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        var topology = experiment.Topology.Create();
        var algorithms = experiment.NodeOverrides.Select(o => o.Algorithm).OfType<Component<Algorithm>>()
            .Prepend(experiment.Algorithm).DistinctBy(a => a.Name);
        return [.. algorithms.Select(a => OfServer(a, topology, experiment.Topology.Name)).OfType<string>(),
            .. OfClients(experiment), .. OfParts(experiment, topology)];
    }

    private static string? OfServer(Component<Algorithm> component, Topology topology, string name)
    {
        var algorithm = component.Create();
        var (here, atServer) =
            (algorithm.Exchanges(topology), algorithm.Exchanges(Catalog<Topology>.Create(WithServer, null)));
        if (topology.Server is { } server)
            return here.Any(IsOfNeighbours)
                ? $"The algorithm {component.Name} knows no server: on the topology {name} node {server} is a node "
                    + "like the others, and their neighbour."
                : null;
        if (!atServer.Any(e => e is ExchangeKind.Gather or ExchangeKind.GatherBySamples) || !here.Any(IsOfNeighbours))
            return null;
        var weights = here.Contains(ExchangeKind.NeighboursBySamples)
            ? "the topology's weights times numbers of samples"
            : "the topology's weights";
        return $"The algorithm {component.Name} is described with a server, and the topology {name} has none: "
            + $"here each node does with its neighbours, by {weights}, what the server does with all, which is gossip; "
            + $"for the algorithm as described set topology to {WithServer}.";
    }

    private static IEnumerable<string> OfClients(Experiment experiment)
    {
        var fraction = experiment.Algorithm.Create().Requires.ClientFraction;
        if (fraction >= 1) yield break;
        var members = Memberships.Initial(experiment).Length;
        var count = Math.Max(1, Portion.Round(fraction, members));
        if (Portion.Floor(fraction, members) != count || Portion.Ceiling(fraction, members) != count)
            yield return FormattableString.Invariant($"A clientFraction of {fraction} of {members} nodes is ")
                + FormattableString.Invariant($"{fraction * members:0.######} of them: {count} ")
                + $"{(count == 1 ? "trains" : "train")} in a round.";
    }

    /// <summary>Graphs in parts, for algorithms that go on by themselves in each; those that cannot refuse
    /// them.</summary>
    private static IEnumerable<string> OfParts(Experiment experiment, Topology topology)
    {
        var members = Memberships.Initial(experiment).Length;
        if (members > MostNodes || !experiment.Algorithm.Create().Exchanges(topology).Any(IsOfNeighbours)) yield break;
        if (MixingChecks.GapOf(topology, members, new Seeds(experiment.Seed), experiment.Rounds) is { } gap)
            yield return $"{gap}, in whatever round: on this topology the nodes do not come to one model.";
    }

    private static bool IsOfNeighbours(ExchangeKind kind) => kind is ExchangeKind.Neighbours
        or ExchangeKind.NeighboursBySamples or ExchangeKind.NeighboursByShares;
}
