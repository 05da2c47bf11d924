using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;

namespace Orleans.FL.Learning.Training.Jobs;

/// <summary>What is tested on which data.</summary>
/// <param name="Model">The network.</param>
/// <param name="Outputs">What its outputs are for.</param>
/// <param name="Weights">Its weights, buffers included.</param>
/// <param name="Data">Where the samples are.</param>
public sealed record EvaluationJob(Component<Model> Model, TaskOutputs Outputs, ParameterVector Weights, DataPart Data);
