using Orleans.FL.Learning.Algorithms;
using Orleans.FL.Learning.Codecs;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>
/// A node's model after a round, as it is published: what is recorded, and what a new member begins with where
/// that is another.
/// </summary>
internal static class NodeModel
{
    private const string Base = "base";

    /// <summary>The model of a node.</summary>
    /// <param name="learner">The node.</param>
    public static Update Of(Learner learner) => ReferenceEquals(learner.Tested, learner.Weights)
        ? new Update(learner.Weights)
        : new Update(learner.Tested, new Dictionary<string, ParameterVector> { [Base] = learner.Weights });

    /// <summary>What it may be made of.</summary>
    /// <param name="layout">The model's layout.</param>
    public static UpdateFormat Format(ParameterLayout layout) =>
        UpdateFormat.Plain(new(layout.Length, [new AuxiliaryVector(Base, layout.Length)]));

    /// <summary>What a new member begins with.</summary>
    /// <param name="model">The model of its sponsor.</param>
    public static ParameterVector ToAdopt(Update model) =>
        model.AuxiliaryVectors.GetValueOrDefault(Base) ?? model.Weights;
}
