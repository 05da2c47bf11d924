using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>One training that an algorithm asks of its node's <c>Workbench</c>.</summary>
/// <param name="Start">Weights to start from.</param>
public sealed record TrainingTask(ParameterVector Start)
{
    /// <summary>Purpose of the stream that orders the samples in a round's first training.</summary>
    public const string FirstOrder = "order";

    /// <summary>What is trained on; null for the node's training samples.</summary>
    public SampleSet? Samples { get; init; }

    /// <summary>What is added to the loss, and what stays as it is.</summary>
    public LocalObjective Objective { get; init; } = LocalObjective.None;

    /// <summary>Moments to go on with.</summary>
    public OptimizerState Optimizer { get; init; } = OptimizerState.Fresh;

    /// <summary>Epochs, batch size, optimiser; null for the node's own settings.</summary>
    public TrainingSettings? Settings { get; init; }

    /// <summary>Purpose of the stream that orders the samples; a round's second training has another one.</summary>
    public string Order { get; init; } = FirstOrder;
}
