using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training;

/// <summary>One node's training in one round: everything that its result depends on.</summary>
/// <param name="Model">The network.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Data">Where the samples are.</param>
/// <param name="Indices">Which of them the node trains on.</param>
/// <param name="Settings">Epochs, batch size, optimiser.</param>
/// <param name="Start">Weights to start from.</param>
/// <param name="Terms">What the algorithm adds to the loss.</param>
/// <param name="Optimizer">Moments from the round before; <see cref="OptimizerState.Fresh"/> to begin.</param>
/// <param name="Order">Draws the order of the samples.</param>
public sealed record LocalJob(
    Component<Model> Model, int Classes, ImageSet Data, int[] Indices, TrainingSettings Settings, ParameterVector Start,
    LocalTerms Terms, OptimizerState Optimizer, RandomStream Order);

/// <summary>What an algorithm adds to the task's loss, as data: every engine can apply it.</summary>
/// <param name="Proximal">μ of the term (μ/2)·‖w − anchor‖²; its gradient is μ·(w − anchor).</param>
/// <param name="Anchor">The vector that the proximal term pulls to; null if μ is 0.</param>
/// <param name="Shift">A vector added to every gradient, the gradient of ⟨shift, w⟩; null for none.</param>
/// <remarks>The terms touch the trainable parameters only.</remarks>
public sealed record LocalTerms(float Proximal = 0, ParameterVector? Anchor = null, ParameterVector? Shift = null)
{
    /// <summary>Nothing is added.</summary>
    public static LocalTerms None { get; } = new();
}

/// <summary>What an optimiser keeps between steps.</summary>
/// <param name="Steps">Steps taken so far.</param>
/// <param name="First">First moment vector over the trainable parameters; null if there is none yet.</param>
/// <param name="Second">Second moment vector over the trainable parameters; null if there is none yet.</param>
public sealed record OptimizerState(long Steps, ParameterVector? First, ParameterVector? Second)
{
    /// <summary>No step taken yet.</summary>
    public static OptimizerState Fresh { get; } = new(0, null, null);
}

/// <summary>What came of a <see cref="LocalJob"/>.</summary>
/// <param name="Weights">Trained weights, buffers included.</param>
/// <param name="Optimizer">Moments after the last step.</param>
/// <param name="Metrics">Loss and accuracy of the training batches, each before its step.</param>
/// <param name="Steps">Steps taken in this job.</param>
public sealed record LocalResult(ParameterVector Weights, OptimizerState Optimizer, MetricSum Metrics, long Steps);
