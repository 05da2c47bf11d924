using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Experiments;

/// <summary>Makes <see cref="ExperimentFacts"/> of an experiment.</summary>
internal static class FactsOfExperiment
{
    /// <summary>The facts. What belongs to a component that cannot be made is left out: that component has its own
    /// error.</summary>
    /// <param name="experiment">An experiment whose every single value is in range.</param>
    public static ExperimentFacts Of(Experiment experiment)
    {
        var members = Memberships.Initial(experiment);
        var topology = OrNull(experiment.Topology);
        return new ExperimentFacts
        {
            Nodes = experiment.Nodes,
            Shards = experiment.Nodes - (topology?.Server is not null
                && OrNull(experiment.Algorithm)?.Requires.ServerWithoutData == true ? 1 : 0),
            InitialMembers = members.Length,
            MembersChange = experiment.Membership.Count > 0,
            Quorum = experiment.Seating.Quorum,
            Rounds = experiment.Rounds,
            Algorithm = experiment.Algorithm.Name,
            Topology = experiment.Topology.Name,
            Server = topology?.Server is { } place && place < members.Length ? members[place] : null,
            TopologyChanges = new Lazy<bool>(() => topology?.Changes(members.Length) ?? false),
            Pace = experiment.Pace.Name,
            Dataset = experiment.Dataset.Name,
            Partitioner = experiment.Partitioner.Name,
            HasPublicSet = experiment.PublicSet is not null,
            Model = experiment.Model.Name,
            Layers = OrNull(experiment.Model)?.Layers,
            HasNodeOverrides = experiment.NodeOverrides.Count > 0,
            Training = Of(experiment.Training),
            Trainings = [.. TrainingsOf(experiment).Select(Of).Distinct()],
        };
    }

    private static T? OrNull<T>(Component<T> component) where T : class
    {
        try
        {
            return component.Create();
        }
        catch (ExperimentException)
        {
            return null;
        }
    }

    private static TrainingFacts Of(TrainingSettings training)
    {
        var sgd = training.Optimizer.Options as Sgd.Options;
        return new TrainingFacts
        {
            Engine = training.Engine,
            Epochs = training.Epochs,
            Steps = training.Steps,
            BatchSize = training.BatchSize,
            Optimizer = training.Optimizer.Name,
            Momentum = sgd?.Momentum ?? 0,
            WeightDecay = sgd?.WeightDecay ?? 0,
            Moments = OrNull(training.Optimizer)?.Moments.Count ?? 0,
            KeepMoments = training.KeepMoments,
            ValidationFraction = training.ValidationFraction,
            IsPlain = EngineChoice.IsPlain(training),
        };
    }

    /// <summary>The settings that some node has; looks at the nodes that overrides name only, for there may be a
    /// million others.</summary>
    private static IEnumerable<TrainingSettings> TrainingsOf(Experiment experiment)
    {
        var overridden = new HashSet<int>();
        foreach (var entry in experiment.NodeOverrides.Reverse()) // later entries win
        {
            if (entry.Training is not { } training) continue;
            var before = overridden.Count;
            overridden.UnionWith(entry.Nodes.Where(n => n < experiment.Nodes));
            if (overridden.Count > before) yield return training;
        }
        if (overridden.Count < experiment.Nodes) yield return experiment.Training;
    }
}
