using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Engines.Dense.Layers;

/// <summary>The part of the dense engine that does networks of any layers, with any optimiser.</summary>
/// <typeparam name="T">Registers to use; results have the same bits for any.</typeparam>
internal sealed unsafe class LayeredEngine<T> : Engine where T : struct, ILanes<T>
{
    private const int Capacity = 4;

    private readonly List<(Component<Model> Model, SampleShape Input, int Outputs, Entry Entry)> _networks = [];

    /// <inheritdoc/>
    public override LocalResult Train(LocalJob job, CancellationToken cancellation = default)
    {
        var (network, model, architecture, sizes) = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        return new LayeredTrainer<T>(network, job, model.SmallestBatch(job.Data.Shape), architecture, sizes)
            .Run(cancellation);
    }

    /// <inheritdoc/>
    public override MetricSums Evaluate(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        var (network, most) = Load(job, indices.Length);
        var sum = MetricSums.Zero;
        for (var from = 0; from < indices.Length; from += Evaluator.BatchSize)
        {
            var batch = new LayeredBatch<T>(network, job.Outputs.Task, job.Data);
            var to = Math.Min(from + Evaluator.BatchSize, indices.Length);
            for (var at = from; at < to; at += most)
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Test(indices[at..Math.Min(at + most, to)]);
            }
            sum += batch.Metrics;
        }
        return sum;
    }

    /// <inheritdoc/>
    public override ParameterVector Outputs(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        var (network, most) = Load(job, indices.Length);
        var outputs = new float[checked(indices.Length * job.Outputs.Count)];
        for (var from = 0; from < indices.Length; from += most)
        {
            cancellation.ThrowIfCancellationRequested();
            var part = indices[from..Math.Min(from + most, indices.Length)];
            network.Forward(job.Data, part);
            for (var row = 0; row < part.Length; row++)
                new ReadOnlySpan<float>(network.Scores.Row(row), job.Outputs.Count)
                    .CopyTo(outputs.AsSpan((from + row) * job.Outputs.Count));
        }
        return ParameterVector.Own(outputs);
    }

    /// <inheritdoc/>
    public override ParameterVector Gradient(
        EvaluationJob job, ReadOnlySpan<int> indices, CancellationToken cancellation = default)
    {
        var (network, most) = Load(job, indices.Length);
        var gradient = network.Vector("gradient");
        gradient.Span.Clear();
        (network.Pass.Gradient, network.Pass.Use) = ((nint)gradient.Pointer, GradientUse.Sum);
        var batch = new LayeredBatch<T>(network, job.Outputs.Task, job.Data);
        for (var from = 0; from < indices.Length; from += most)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Train(indices[from..Math.Min(from + most, indices.Length)], 1f / indices.Length);
        }
        return network.Gather(gradient);
    }

    private (LayeredNetwork<T> Network, int Most) Load(EvaluationJob job, int samples)
    {
        var (network, _, _, sizes) = Network(job.Model, job.Data.Shape, job.Outputs.Count);
        network.Load(job.Weights);
        network.Reserve(Math.Min(samples, sizes.Most));
        network.Pass.Training = false;
        return (network, sizes.Most);
    }

    private Entry Network(Component<Model> model, SampleShape input, int outputs)
    {
        var at = _networks.FindIndex(n => n.Outputs == outputs && n.Input == input && n.Model == model);
        var entry = at >= 0 ? _networks[at].Entry : New(model, input, outputs);
        if (at >= 0) _networks.RemoveAt(at);
        _networks.Insert(0, (model, input, outputs, entry));
        if (_networks.Count > Capacity) _networks.RemoveAt(Capacity);
        return entry;
    }

    private static Entry New(Component<Model> model, SampleShape input, int outputs)
    {
        var component = SharedModels.Of(model);
        if ((EngineChoice.Refusal(model) ?? component.Refusal(input)) is { } refusal)
            throw new ExperimentException(refusal);
        var architecture = component.Architecture!; // a model without one has been refused
        return new(new LayeredNetwork<T>(architecture, input, outputs), component, architecture,
            StepSizes.Of(architecture, input, outputs));
    }

    private sealed record Entry(
        LayeredNetwork<T> Network, Model Model, Architecture Architecture, StepSizes Sizes);
}
