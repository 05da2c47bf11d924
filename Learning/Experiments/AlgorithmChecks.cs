using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Paces;
using Orleans.FL.Learning.Topologies;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Whether an experiment gives an algorithm what its <see cref="Requirements"/> ask for, and whether the
/// algorithms of a run can work together.</summary>
internal static class AlgorithmChecks
{
    /// <summary>What is wrong; paths begin at the algorithm, or at the file's root if they begin with
    /// <c>$</c>.</summary>
    /// <param name="algorithm">The experiment's algorithm, or that of some nodes.</param>
    /// <param name="experiment">The experiment.</param>
    public static IEnumerable<ValidationError> Check(Algorithm algorithm, Experiment experiment) =>
        CheckOverrides(algorithm, experiment)
            .Concat(CheckPace(algorithm.Requires, experiment))
            .Concat(CheckTopology(algorithm, experiment))
            .Concat(CheckData(algorithm, experiment))
            .Concat(CheckEngines(algorithm, experiment))
            .Concat(algorithm is IAsynchronousAlgorithm ? CheckSchedule(experiment) : []);

    private static IEnumerable<ValidationError> CheckOverrides(Algorithm algorithm, Experiment experiment)
    {
        for (var i = 0; i < experiment.NodeOverrides.Count; i++)
        {
            if (experiment.NodeOverrides[i].Algorithm is not { } chosen) continue;
            var other = chosen.Create();
            if (other.Requires.ClientFraction < 1 && other.Requires.ClientFraction != algorithm.Requires.ClientFraction)
                yield return new ValidationError($"$.nodeOverrides[{i}].algorithm.clientFraction",
                    "The share of nodes that train is the experiment's; "
                    + "set algorithm.clientFraction there and leave it out here.");
            if (other.Requires.NotAtServer && experiment.Topology.Create().Server is { } server
                && experiment.NodeOverrides[i].Nodes.Contains(server))
                yield return new ValidationError($"$.nodeOverrides[{i}].nodes",
                    $"Node {server} is the server: {chosen.Name}, it would spread its own model as everybody's. "
                    + "Leave it out.");
            if (other.Requires.PooledData || algorithm.Requires.PooledData
                || other.MessageSchema != algorithm.MessageSchema)
                yield return new ValidationError($"$.nodeOverrides[{i}].algorithm",
                    $"'{chosen.Name}' and '{experiment.Algorithm.Name}' do not send each other the same vectors, "
                    + "so their nodes cannot mix; "
                    + "override with an algorithm that exchanges weights alone, such as fedavg, fedprox, gossip or "
                    + "isolated.");
        }
    }

    private static IEnumerable<ValidationError> CheckPace(Requirements requires, Experiment experiment)
    {
        if (requires.Paces.Contains(experiment.Pace.Name)) yield break;
        var paces = string.Join(" or ", requires.Paces);
        var wait = requires.Paces.Contains(Pace.Synchronous);
        yield return new ValidationError("$.pace", $"The algorithm knows no pace '{experiment.Pace.Name}', "
            + $"for its nodes {(wait ? "" : "do not ")}wait for each other; "
            + $"set pace to {paces}{(wait ? ", or the algorithm to fedasync, fedbuff or swift" : "")}.");
    }

    private static IEnumerable<ValidationError> CheckTopology(Algorithm algorithm, Experiment experiment)
    {
        var (requires, topology) = (algorithm.Requires, experiment.Topology.Create());
        var members = Memberships.Initial(experiment).Length;
        if (requires.Server && topology.Server is null)
            yield return new ValidationError("",
                "The algorithm needs a node that gathers and spreads; set topology to star.");
        if (requires.FixedRows && topology.Changes(members))
            yield return new ValidationError("",
                "What the algorithm's nodes remember of each other holds for one graph; "
                + "set topology to one that stays, such as ring, leave maxPartners and redrawEvery out, "
                + "or use gossip.");
        if (RefusalOfGraphs(algorithm, experiment, members) is { } refusal)
            yield return new ValidationError("$.topology", refusal);
    }

    /// <summary>Why the graphs of so many members do not bring nodes to one model, for an algorithm that is for that;
    /// null if they do.</summary>
    internal static string? RefusalOfGraphs(Algorithm algorithm, Experiment experiment, int members)
    {
        if (!algorithm.Requires.Connected) return null;
        var topology = experiment.Topology.Create();
        return MixingChecks.Refusal(topology, members, new Seeds(experiment.Seed), experiment.Rounds,
            algorithm.Exchanges(topology).Contains(ExchangeKind.NeighboursByShares));
    }

    private static IEnumerable<ValidationError> CheckData(Algorithm algorithm, Experiment experiment)
    {
        if (algorithm.Requires.Validation && TrainingsOf(algorithm, experiment).Any(t => t.ValidationFraction == 0))
            yield return new ValidationError("",
                "The algorithm compares models on samples that a node holds out; "
                + "set training.validationFraction, to 0.2 for example.");
        if (algorithm.Requires.PublicSet && experiment.PublicSet is null)
            yield return new ValidationError("",
                "The algorithm compares models on samples that all nodes may look at, and there are none; "
                + "set publicSet, to { \"samples\": 200 } for example, or probe to training.");
    }

    private static IEnumerable<ValidationError> CheckEngines(Algorithm algorithm, Experiment experiment)
    {
        if (!algorithm.Requires.Torch) yield break; // before all nodes are looked at: there may be a million
        var engines = TrainingsOf(algorithm, experiment).Select(t => t.Engine).Distinct();
        foreach (var engine in engines.Where(e => e is EngineChoice.Dense or EngineChoice.Batched))
            yield return new ValidationError("",
                $"The algorithm has a local objective that the {engine} engine does not know; "
                + "set training.engine to auto or torch.");
    }

    /// <summary>Where nodes do not wait for each other, their schedule is made for one graph.</summary>
    private static IEnumerable<ValidationError> CheckSchedule(Experiment experiment)
    {
        if (experiment.Pace.Name == Pace.Synchronous) yield break;
        var why = $"Under pace {experiment.Pace.Name} "
            + "the algorithm's nodes go by a schedule that is made for one graph";
        if (experiment.Membership.Count > 0)
            yield return new ValidationError("$.membership", $"{why}; leave membership out.");
        if (experiment.Topology.Create().Changes(Memberships.Initial(experiment).Length))
            yield return new ValidationError("$.topology", $"{why}; set topology to one that stays, such as ring.");
    }

    /// <summary>How the nodes train that have such an algorithm.</summary>
    private static IEnumerable<TrainingSettings> TrainingsOf(Algorithm algorithm, Experiment experiment)
    {
        var mine = experiment.NodeOverrides.Select(o => o.Algorithm).Append(experiment.Algorithm)
            .Where(c => c?.Create().GetType() == algorithm.GetType()).ToHashSet();
        return Enumerable.Range(0, experiment.Nodes)
            .Where(n => mine.Contains(experiment.AlgorithmOf(n))).Select(experiment.TrainingOf);
    }
}
