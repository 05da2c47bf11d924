using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>What a run trains and tests: the network, who holds which samples, the settings, the randomness. Pure and
/// thread-safe.</summary>
public interface ITrainingContext
{
    /// <summary>The network.</summary>
    Component<Model> Model { get; }

    /// <summary>Layout of its parameters.</summary>
    ParameterLayout Layout { get; }

    /// <summary>The data.</summary>
    LabeledData Data { get; }

    /// <summary>What is learnt of them, and how many outputs a model needs for it.</summary>
    TaskOutputs Outputs { get; }

    /// <summary>Samples that all nodes may look at; empty if there are none.</summary>
    SampleSet Public { get; }

    /// <summary>The run's randomness.</summary>
    Seeds Seeds { get; }

    /// <summary>How nodes train unless they are overridden; tests go by it.</summary>
    TrainingSettings Training { get; }

    /// <summary>Indices of the global test samples that are used, ascending.</summary>
    int[] TestIndices { get; }

    /// <summary>For each node, indices of the test samples drawn by its own priors; empty arrays if none were asked
    /// for.</summary>
    IReadOnlyList<int[]> LocalTest { get; }

    /// <summary>How a node trains, its override considered.</summary>
    /// <param name="node">Rank of the node.</param>
    TrainingSettings TrainingOf(int node);

    /// <summary>Indices, in the training set, of the samples that a node trains on.</summary>
    /// <param name="node">Rank of the node.</param>
    int[] TrainIndices(int node);

    /// <summary>
    /// The samples that a node trains on in a round: its own, unless it is an attacker that poisons them.
    /// </summary>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    SampleSet Samples(int node, int round);

    /// <summary>
    /// What is added to the task's loss in a node's training: its algorithm's, unless it is an attacker
    /// that changes it.
    /// </summary>
    /// <param name="own">What its algorithm adds.</param>
    /// <param name="node">Rank of the node.</param>
    /// <param name="round">Round, from 0.</param>
    LocalObjective Objective(LocalObjective own, int node, int round);

    /// <summary>Indices, in the training set, of the samples that a node holds out.</summary>
    /// <param name="node">Rank of the node.</param>
    int[] ValidationIndices(int node);
}
