using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines;

/// <summary>What trains and tests networks; each lane has its own, which <c>Lane.EngineFor</c> chooses.</summary>
/// <remarks>
/// Engines agree up to rounding, and each gives equal bits for equal jobs; so which of them does a job must follow from
/// the experiment (and the lane's device) alone. Synchronous, on the lane's thread.
/// </remarks>
public abstract class Engine : IDisposable
{
    /// <summary>Trains one node in one round.</summary>
    /// <param name="job">What to train.</param>
    /// <param name="cancellation">Looked at before each step; the job's results are then lost.</param>
    /// <returns>Weights and moments in memory of their own. Without samples no step is taken and the weights are the
    /// start's.</returns>
    public abstract LocalResult Train(LocalJob job, CancellationToken cancellation = default);

    /// <summary>Loss and metrics of weights on samples.</summary>
    /// <param name="job">What to test.</param>
    /// <param name="indices">Which samples to test on; the sum over <c>Evaluator.Pieces</c> has the bits of the
    /// whole.</param>
    /// <param name="cancellation">Looked at before each batch.</param>
    public abstract MetricSums Evaluate(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default);

    /// <summary>The outputs of a model with these weights for samples: scores (logits) of classes, or values.</summary>
    /// <param name="job">What to try.</param>
    /// <param name="indices">Which samples.</param>
    /// <param name="cancellation">Looked at before each batch.</param>
    /// <returns>Sample after sample, each with as many values as it has outputs.</returns>
    public abstract ParameterVector Outputs(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default);

    /// <summary>Gradient of the mean loss over samples, in evaluation mode.</summary>
    /// <param name="job">The weights.</param>
    /// <param name="indices">Which samples; at least one.</param>
    /// <param name="cancellation">Looked at before each batch.</param>
    /// <returns>A vector of the layout, 0 for buffers.</returns>
    public abstract ParameterVector Gradient(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives memory back.</summary>
    /// <param name="disposing">Whether <see cref="Dispose()"/> was called.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
