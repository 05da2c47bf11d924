using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>One node's training in one round: everything that its result depends on.</summary>
/// <param name="Model">The network.</param>
/// <param name="Outputs">What its outputs are for.</param>
/// <param name="Data">Where the samples are.</param>
/// <param name="Indices">Which of them the node trains on.</param>
/// <param name="Settings">Epochs, batch size, optimiser.</param>
/// <param name="Start">Weights to start from.</param>
/// <param name="Objective">What the algorithm adds to the loss.</param>
/// <param name="Optimizer">Moments from the round before; <see cref="OptimizerState.Fresh"/> to begin.</param>
/// <param name="Order">Draws the order of the samples.</param>
public sealed record LocalJob(
    Component<Model> Model, TaskOutputs Outputs, DataPart Data, int[] Indices, TrainingSettings Settings,
    ParameterVector Start, LocalObjective Objective, OptimizerState Optimizer, RandomStream Order);

/// <summary>What an algorithm adds to the task's loss, as data: every engine can apply it.</summary>
/// <param name="Proximal">μ of the term (μ/2)·‖w − anchor‖²; its gradient is μ·(w − anchor).</param>
/// <param name="Anchor">The vector that the proximal term pulls to; null if μ is 0.</param>
/// <param name="Shift">A vector added to every gradient, the gradient of ⟨shift, w⟩; null for none.</param>
/// <remarks>It touches the trainable parameters only. Moments are not moved either where the mask is 0.</remarks>
public sealed record LocalObjective(float Proximal = 0, ParameterVector? Anchor = null, ParameterVector? Shift = null)
{
    /// <summary>
    /// 1 where training moves a value, 0 where it stays; null if all move. Of the model's length it covers the
    /// buffers, too.
    /// </summary>
    public ParameterVector? Mask { get; init; }

    /// <summary>A term that compares features with those of other models; null for none. Libtorch only.</summary>
    public ContrastTerm? Contrast { get; init; }

    /// <summary>A term that compares outputs with those of another model; null for none. Libtorch only.</summary>
    public DistillTerm? Distill { get; init; }

    /// <summary>Whether only libtorch can apply it.</summary>
    public bool NeedsTorch => Contrast is not null || Distill is not null;

    /// <summary>Nothing is added.</summary>
    public static LocalObjective None { get; } = new();
}

/// <summary>
/// μ times the mean of −log(e^(cos(z, z⁺)/τ) / (e^(cos(z, z⁺)/τ) + Σ e^(cos(z, z⁻)/τ))), z what the last
/// layer takes in.
/// </summary>
/// <param name="Mu">μ.</param>
/// <param name="Temperature">τ, above 0.</param>
/// <param name="Towards">Weights of the model whose features z⁺ are.</param>
/// <param name="Away">Weights of the models whose features z⁻ are.</param>
/// <remarks>The other models are in evaluation mode and do not move.</remarks>
public sealed record ContrastTerm(
    float Mu, float Temperature, ParameterVector Towards, IReadOnlyList<ParameterVector> Away);

/// <summary>
/// Weight·T²·KL(softmax(teacher/T) ‖ softmax(model/T)), the mean over the batch; the teacher is in evaluation mode.
/// </summary>
/// <param name="Weight">Factor of the term.</param>
/// <param name="Temperature">T, above 0.</param>
/// <param name="Teacher">Weights of the teacher.</param>
public sealed record DistillTerm(float Weight, float Temperature, ParameterVector Teacher);

/// <summary>What an optimiser keeps between steps.</summary>
/// <param name="Steps">Steps taken so far.</param>
/// <param name="First">First moment vector over the trainable parameters; null if there is none yet.</param>
/// <param name="Second">Second moment vector over the trainable parameters; null if there is none yet.</param>
public sealed record OptimizerState(long Steps, ParameterVector? First, ParameterVector? Second)
{
    /// <summary>No step taken yet.</summary>
    public static OptimizerState Fresh { get; } = new(0, null, null);
}

/// <summary>The result of a <see cref="LocalJob"/>.</summary>
/// <param name="Weights">Trained weights, buffers included.</param>
/// <param name="Optimizer">Moments after the last step.</param>
/// <param name="Metrics">Loss and metrics of the training batches, each before its step.</param>
/// <param name="Steps">Steps taken in this job.</param>
public sealed record LocalResult(ParameterVector Weights, OptimizerState Optimizer, MetricSums Metrics, long Steps)
{
    /// <summary>What the node emitted in it, where it trained ahead of the round that it ends in.</summary>
    public IReadOnlyList<Emission> Emitted { get; init; } = [];

    /// <summary>The result of this training and of one that continued from its weights.</summary>
    /// <param name="next">The one that continued.</param>
    public LocalResult Then(LocalResult next) =>
        next with { Metrics = Metrics + next.Metrics, Steps = Steps + next.Steps };
}
