namespace Orleans.FL.Learning.Components;

/// <summary>What a component may know of the experiment that chose it, before anything starts.</summary>
/// <remarks>Numbers, names and answers only, so that a component depends on none of those that it checks.</remarks>
public sealed record ExperimentFacts
{
    /// <summary>Number of nodes, members or not.</summary>
    public required int Nodes { get; init; }

    /// <summary>Number of shards that the data are split into: one for each node but a server that gets none.</summary>
    public required int Shards { get; init; }

    /// <summary>Number of nodes that are members at the start.</summary>
    public required int InitialMembers { get; init; }

    /// <summary>Whether nodes join or leave while the run goes on.</summary>
    public required bool MembersChange { get; init; }

    /// <summary>Share of the nodes that must be ready for the run to begin, above 0, at most 1.</summary>
    public required double Quorum { get; init; }

    /// <summary>Number of rounds.</summary>
    public required int Rounds { get; init; }

    /// <summary>Name of the experiment's algorithm.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Name of the topology.</summary>
    public required string Topology { get; init; }

    /// <summary>Rank of the server at the start; null where the topology has none.</summary>
    public required int? Server { get; init; }

    /// <summary>Whether rounds have different graphs, or different weights; worked out when it is asked for, because
    /// graphs may have to be made.</summary>
    public required Lazy<bool> TopologyChanges { get; init; }

    /// <summary>Name of the pace.</summary>
    public required string Pace { get; init; }

    /// <summary>Name of the dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Name of the partitioner.</summary>
    public required string Partitioner { get; init; }

    /// <summary>Whether there are samples that all nodes may look at.</summary>
    public required bool HasPublicSet { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Names of the layers between which the model may be cut, from the input on; null if it does not
    /// say.</summary>
    public required IReadOnlyList<string>? Layers { get; init; }

    /// <summary>Whether some nodes have an algorithm or training settings of their own.</summary>
    public required bool HasNodeOverrides { get; init; }

    /// <summary>How nodes train unless they are overridden.</summary>
    public required TrainingFacts Training { get; init; }

    /// <summary>All ways in which nodes train, each once; <see cref="Training"/> among them unless all nodes are
    /// overridden.</summary>
    public required IReadOnlyList<TrainingFacts> Trainings { get; init; }
}

/// <summary>How some nodes train.</summary>
public sealed record TrainingFacts
{
    /// <summary>Name of the engine that was asked for.</summary>
    public required string Engine { get; init; }

    /// <summary>Passes over the samples in a round; not used where <see cref="Steps"/> is above 0.</summary>
    public required int Epochs { get; init; }

    /// <summary>Optimiser steps in a round; 0 where epochs count.</summary>
    public required int Steps { get; init; }

    /// <summary>Samples a step; 0 for all of the node.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Name of the optimiser.</summary>
    public required string Optimizer { get; init; }

    /// <summary>Momentum of sgd; 0 for other optimisers.</summary>
    public required double Momentum { get; init; }

    /// <summary>Weight decay of sgd; 0 for other optimisers.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Number of vectors that the optimiser keeps from step to step.</summary>
    public required int Moments { get; init; }

    /// <summary>Whether those vectors are kept from round to round.</summary>
    public required bool KeepMoments { get; init; }

    /// <summary>Share of the samples that a node holds out, from 0 to below 1.</summary>
    public required double ValidationFraction { get; init; }

    /// <summary>Whether it computes in float32, with images channel after channel.</summary>
    public required bool IsPlain { get; init; }
}
