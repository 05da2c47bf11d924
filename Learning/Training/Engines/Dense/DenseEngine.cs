using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Optimizers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Engines.Dense.Layers;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense;

/// <summary>The engine of kernels of our own, without libtorch, for all models that list their layers.</summary>
/// <remarks>
/// At the batch sizes of federated learning libtorch's calls cost more than their arithmetic. Here a batch stays in the
/// first- and second-level cache, the gradient is used where it is worked out, and nothing is built for a node. Results
/// have the same bits on any processor, whatever its registers: see <see cref="ForwardKernel"/>. Stacks of linear
/// layers with ReLU that SGD trains are done here, all else by <see cref="LayeredEngine{T}"/>.
/// </remarks>
/// <param name="wide">Whether to use the registers of AVX-512; null where the processor is good at them.</param>
internal sealed unsafe class DenseEngine(bool? wide = null) : Engine
{
    private const int Capacity = 4;

    private readonly bool _wide = wide ?? System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated;
    private readonly List<(Component<Model> Model, SampleShape Input, int Outputs, DenseNetwork Network)> _networks =
        [];
    private readonly Engine _layered = wide ?? System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated
        ? new LayeredEngine<WideLanes>()
        : new LayeredEngine<NarrowLanes>();

    /// <inheritdoc/>
    public override LocalResult Train(LocalJob job, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (EngineChoice.Refusal(job.Model, job.Settings) is { } refusal) throw new ExperimentException(refusal);
        if (!IsStack(job.Model) || job.Settings.Optimizer.Create() is not Sgd)
            return _layered.Train(job, cancellation);
        var network = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        return _wide
            ? new DenseTrainer<WideLanes>(network, job).Run(cancellation)
            : new DenseTrainer<NarrowLanes>(network, job).Run(cancellation);
    }

    /// <inheritdoc/>
    public override MetricSums Evaluate(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!IsStack(job.Model)) return _layered.Evaluate(job, indices, cancellation);
        var network = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        network.Load(job.Weights);
        network.Reserve(Math.Min(Evaluator.BatchSize, indices.Length));
        var sum = MetricSums.Zero;
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = new DenseBatch(network, job.Outputs.Task, job.Data, _wide);
            batch.Forward(indices.Slice(from, Math.Min(Evaluator.BatchSize, indices.Length - from)));
            batch.Score(scale: null);
            sum += batch.Metrics;
        }
        return sum;
    }

    /// <inheritdoc/>
    public override ParameterVector Outputs(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!IsStack(job.Model)) return _layered.Outputs(job, indices, cancellation);
        var network = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        network.Load(job.Weights);
        network.Reserve(Math.Min(Evaluator.BatchSize, indices.Length));
        var outputs = new float[checked(indices.Length * job.Outputs.Count)];
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = indices.Slice(from, Math.Min(Evaluator.BatchSize, indices.Length - from));
            new DenseBatch(network, job.Outputs.Task, job.Data, _wide).Forward(part);
            for (var row = 0; row < part.Length; row++)
                network.Scores(row).CopyTo(outputs.AsSpan((from + row) * job.Outputs.Count));
        }
        return ParameterVector.Own(outputs);
    }

    /// <inheritdoc/>
    public override ParameterVector Gradient(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!IsStack(job.Model)) return _layered.Gradient(job, indices, cancellation);
        return _wide
            ? Gradient<WideLanes>(job, indices, cancellation)
            : Gradient<NarrowLanes>(job, indices, cancellation);
    }

    private static bool IsStack(Component<Model> model) => SharedModels.Of(model).Dense is not null;

    private ParameterVector Gradient<TLanes>(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation)
        where TLanes : struct, ILanes<TLanes>
    {
        var network = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        network.Load(job.Weights);
        network.Reserve(Math.Min(Evaluator.BatchSize, indices.Length));
        var gradient = network.Vector("gradient");
        gradient.Span.Clear();
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = new DenseBatch(network, job.Outputs.Task, job.Data, _wide);
            batch.Forward(indices.Slice(from, Math.Min(Evaluator.BatchSize, indices.Length - from)));
            batch.Score(1f / indices.Length);
            batch.Backward<TLanes, Adding<TLanes>>(new((nint)gradient.Pointer));
        }
        return network.Gather(gradient);
    }

    private DenseNetwork Network(Component<Model> model, SampleShape input, int outputs)
    {
        var at = _networks.FindIndex(n => n.Outputs == outputs && n.Input == input && n.Model == model);
        if (at < 0 && EngineChoice.Refusal(model) is { } refusal) throw new ExperimentException(refusal);
        var entry = at >= 0
            ? _networks[at]
            : (model, input, outputs, new DenseNetwork(ParameterLayouts.LayoutOf(model, input, outputs)));
        if (at >= 0) _networks.RemoveAt(at);
        _networks.Insert(0, entry);
        if (_networks.Count > Capacity) _networks.RemoveAt(Capacity);
        return entry.Item4;
    }
}
