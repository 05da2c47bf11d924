using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>The engine that libtorch is: every model and optimiser, on the lane's device.</summary>
/// <param name="workspace">Keeps the networks of the lane.</param>
internal sealed class TorchEngine(TorchWorkspace workspace) : Engine
{
    /// <inheritdoc/>
    public override LocalResult Train(LocalJob job, CancellationToken cancellation = default) =>
        LocalTrainer.Train(workspace, job, cancellation);

    /// <inheritdoc/>
    public override MetricSums Evaluate(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Evaluator.Evaluate(workspace, job.Model, job.Outputs, job.Weights, job.Data, indices, cancellation);
    }

    /// <inheritdoc/>
    public override ParameterVector Outputs(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new Probe(workspace, job).Outputs(indices, cancellation);
    }

    /// <inheritdoc/>
    public override ParameterVector Gradient(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new Probe(workspace, job).Gradient(indices, cancellation);
    }
}
