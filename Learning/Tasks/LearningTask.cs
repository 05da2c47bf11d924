using Orleans.FL.Learning.Metrics;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Tasks;

/// <summary>
/// What is learnt of a sample: which targets it has, what the loss of a model's outputs is, and what is measured.
/// </summary>
/// <remarks>
/// A task is asked once a batch, never once a sample, so that its loops stay as tight as an engine's own. It keeps
/// nothing: one instance may serve all lanes at once.
/// </remarks>
public abstract class LearningTask
{
    /// <summary>Name of the task of datasets that name no other.</summary>
    public const string Classification = "classification";

    /// <summary>What is measured; the first decides which round is the best.</summary>
    public abstract IReadOnlyList<TaskMetric> Metrics { get; }

    /// <summary>The metric that decides which round is the best.</summary>
    public TaskMetric Main => Metrics[0];

    /// <summary>
    /// Names of the exact sums that the metrics follow from, in the order of <see cref="MetricSums"/>.
    /// </summary>
    public abstract IReadOnlyList<string> Sums { get; }

    /// <summary>Whether each sample is of one of some classes, so that data can be split by them.</summary>
    public virtual bool HasClasses => false;

    /// <summary>Whether the task can learn such targets.</summary>
    /// <param name="targets">Targets of a dataset.</param>
    public abstract bool Takes(Targets targets);

    /// <summary>The loss with libtorch.</summary>
    /// <param name="outputs">Outputs (n, outputs) in float32.</param>
    /// <param name="targets">As <see cref="Targets.Gather"/> gives them.</param>
    /// <param name="reduction">Mean over the samples, their sum, or none of both: (n).</param>
    public abstract Tensor Loss(Tensor outputs, Tensor targets, nn.Reduction reduction = nn.Reduction.Mean);

    /// <summary>The exact sums of outputs whose loss is known.</summary>
    /// <param name="outputs">Outputs (n, outputs), row after row.</param>
    /// <param name="targets">Where the targets are.</param>
    /// <param name="samples">Which they are, n indices.</param>
    /// <param name="lossSum">Sum of the samples' losses.</param>
    public abstract MetricSums Score(
        ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples, double lossSum);

    /// <summary>
    /// Whether the loss is known sample by sample without libtorch, so that an engine can do without it.
    /// </summary>
    public virtual bool ScoresRows => false;

    /// <summary>
    /// Loss and exact sums without libtorch, and the gradient of the loss in the outputs where it is wanted.
    /// </summary>
    /// <remarks>
    /// Only where <see cref="ScoresRows"/>. Must have the same bits on all processors: no function of the C library
    /// whose last bit differs.
    /// </remarks>
    /// <param name="rows">The outputs, and where their errors go.</param>
    /// <param name="targets">Where the targets are.</param>
    /// <param name="samples">Which they are, one index a row.</param>
    /// <param name="scale">Factor of the errors.</param>
    /// <param name="sums">What is added to.</param>
    public virtual void Score(
        in OutputRows rows, Targets targets, ReadOnlySpan<int> samples, float scale, ref BatchSums sums) =>
        throw new NotSupportedException("The loss of this task is known to libtorch alone.");
}
