using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>Tests weights on samples with libtorch, and says how tests are cut on any engine.</summary>
/// <remarks>
/// Batches have a fixed size and follow the order of the indices, so the sum has the same bits on every thread, and in
/// one go or in <see cref="Pieces"/>.
/// </remarks>
public static class Evaluator
{
    /// <summary>Samples a batch.</summary>
    public const int BatchSize = 100;

    private const int PieceSize = 10 * BatchSize;

    /// <summary>
    /// Cuts an evaluation into pieces that lanes can share; the sum over them has the bits of the whole.
    /// </summary>
    /// <param name="count">Number of samples.</param>
    /// <returns>Ranges of positions in the index list, in order; empty if there is no sample.</returns>
    public static IReadOnlyList<Range> Pieces(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. Enumerable.Range(0, (int)(((long)count + PieceSize - 1) / PieceSize))
                .Select(i => new Range(i * PieceSize, (int)Math.Min(count, (i + 1L) * PieceSize))),
        ];
    }

    /// <summary>Loss and metrics of weights; synchronous, on the lane's thread.</summary>
    /// <param name="workspace">That of the lane on which the caller runs.</param>
    /// <param name="model">The network.</param>
    /// <param name="outputs">What its outputs are for.</param>
    /// <param name="weights">Its weights, buffers included; BatchNorm uses its running statistics.</param>
    /// <param name="data">Where the samples are.</param>
    /// <param name="indices">Which of them to test on.</param>
    /// <param name="cancellation">Looked at before each batch.</param>
    public static MetricSums Evaluate(TorchWorkspace workspace, Component<Model> model, TaskOutputs outputs,
        ParameterVector weights, DataPart data, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(data);
        var instance = workspace.Instance(model, data.Shape, outputs.Count);
        instance.Load(weights);
        instance.Network.eval();
        using var noGradient = no_grad();
        var sum = MetricSums.Zero;
        for (var from = 0; from < indices.Length; from += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            sum += Batch(workspace, instance, outputs.Task, data,
                indices.Slice(from, Math.Min(BatchSize, indices.Length - from)));
        }
        return sum;
    }

    private static MetricSums Batch(
        TorchWorkspace workspace, ModelInstance instance, LearningTask task, DataPart data, ReadOnlySpan<int> samples)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = workspace.Gather(data, samples);
        var outputs = instance.Network.call(inputs);             // (n, outputs)
        return BatchScore.Of(task, outputs, data.Targets, samples, task.Loss(outputs, targets));
    }
}
