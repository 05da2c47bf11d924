using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Metrics;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Jobs;
using TorchSharp;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>
/// Some consecutive layers of a network of libtorch, whose graph lives from one half step to the next.
/// </summary>
/// <remarks>
/// All layers of a network, each in some part, move to the bits that <see cref="TorchEngine"/> gives the whole on a
/// processor: batches go through whole, what crosses a cut is copied into memory of libtorch's own, and errors are
/// the gradient of the mean loss. The network is built whole, in memory of this part's own; layers of other parts are
/// neither called nor moved.
/// </remarks>
internal sealed class TorchPart : ModelPart
{
    private readonly ModelInstance _instance;
    private readonly LearningTask _task;
    private readonly IReadOnlyList<nn.Module<Tensor, Tensor>> _modules; // the layers, with what follows each
    private readonly int[] _slices; // their tensors, in the layout
    private readonly LocalUpdate _update;
    private readonly long[] _shape; // of a sample before them
    private readonly Batch _batch = new();
    private Tensor? _input, _output; // of the piece, with what lies between
    private float[] _errors = [];
    private MetricSums _metrics;

    private TorchPart(PartOfModel part, ModelInstance instance, TrainingSettings settings)
    {
        (_instance, _task) = (instance, part.Outputs.Task);
        var children = instance.Network.named_children()
            .Select(c => (c.name, Module: (nn.Module<Tensor, Tensor>)c.module)).ToList();
        var from = part.First ? 0 : children.FindIndex(c => c.name == part.Layers[0]);
        var to = part.Last ? children.Count : children.FindIndex(c => c.name == part.Next);
        _modules = [.. children.Take(to).Skip(from).Select(c => c.Module)];
        _slices = [.. part.Values.Slices.Select(slice =>
            instance.Layout.Slices.Index().Single(s => s.Item.Name == slice.Name).Index)];
        _update = new LocalUpdate(settings, OptimizerState.Fresh, instance.Layout);
        (_shape, Inputs, Outputs) = Shapes(part.Input, children.Take(from).Select(c => c.Module));
    }

    /// <inheritdoc/>
    public override int Inputs { get; }

    /// <inheritdoc/>
    public override int Outputs { get; }

    /// <inheritdoc/>
    public override int MostSamples => int.MaxValue;

    /// <inheritdoc/>
    public override MetricSums Metrics => _metrics;

    /// <summary>A part of a network, built on the thread of a lane.</summary>
    /// <param name="part">Which part of which model.</param>
    /// <param name="weights">Weights of the whole model; those of other layers are not looked at.</param>
    /// <param name="settings">How it is trained; in float32.</param>
    public static TorchPart Of(PartOfModel part, ParameterVector weights, TrainingSettings settings)
    {
        TorchWorkspace.PrepareThread();
        return Build(part, weights, settings);
    }

    /// <inheritdoc/>
    public override void Read(DataPart data, ReadOnlySpan<int> samples)
    {
        using var scope = Enter();
        Keep(ref _input, _batch.Gather(data, samples).Inputs);
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<float> activations)
    {
        using var scope = Enter();
        Keep(ref _input, Of(activations, [activations.Length / Inputs, .. _shape]).requires_grad_(true));
    }

    /// <inheritdoc/>
    public override void Begin(int samples)
    {
        _metrics = MetricSums.Zero;
        _instance.Network.train();
    }

    /// <inheritdoc/>
    public override float[] Forward()
    {
        using var scope = Enter();
        Keep(ref _output, Call(_modules, _input!)); // read before
        return Values(_output!);
    }

    /// <inheritdoc/>
    public override float[] Test()
    {
        using var scope = Enter();
        using var noGradient = no_grad();
        _instance.Network.eval();
        return Values(Call(_modules, _input!)); // read before
    }

    /// <inheritdoc/>
    public override void Backward(Targets targets, ReadOnlySpan<int> samples)
    {
        using var scope = Enter();
        var loss = _task.Loss(_output!, targets.Gather(samples)); // worked out before
        loss.backward();
        _metrics += BatchScore.Of(_task, _output!, targets, samples, loss);
        Move();
    }

    /// <inheritdoc/>
    public override void Backward(ReadOnlySpan<float> errors)
    {
        using var scope = Enter();
        _output!.backward([Of(errors, _output.shape)]); // worked out before
        Move();
    }

    /// <inheritdoc/>
    public override float[] Errors() => _errors;

    /// <inheritdoc/>
    public override MetricSums Score(ReadOnlySpan<float> outputs, Targets targets, ReadOnlySpan<int> samples)
    {
        using var scope = Enter();
        using var noGradient = no_grad();
        var all = Of(outputs, [samples.Length, outputs.Length / samples.Length]);
        return BatchScore.Of(_task, all, targets, samples, _task.Loss(all, targets.Gather(samples)));
    }

    /// <inheritdoc/>
    public override void Put(Span<float> whole)
    {
        foreach (var slice in _slices) _instance.Values(slice).CopyTo(whole[_instance.Layout.Slices[slice].Offset..]);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _input?.Dispose();
        _output?.Dispose();
        _batch.Dispose();
        _instance.Dispose();
        base.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static TorchPart Build(PartOfModel part, ParameterVector weights, TrainingSettings settings)
    {
        var instance = ModelInstance.Build(part.Model, part.Input, part.Outputs.Count);
        instance.Load(weights);
        instance.Touch();
        return new TorchPart(part, instance, settings);
    }

    /// <summary>A half step's tensors, on whatever lane it runs.</summary>
    private static DisposeScope Enter()
    {
        TorchWorkspace.PrepareThread();
        return NewDisposeScope();
    }

    /// <summary>The step on this part's parameters; the graph is not needed any more.</summary>
    private void Move()
    {
        using var errors = _input!.grad; // it was read, or there would be no graph
        if (errors is not null) _errors = Values(errors);
        _update.Begin();
        foreach (var slice in _slices.Where(s => s < _instance.Parameters.Count)) _instance.Descend(slice, _update);
        _input.Dispose();
        _output!.Dispose(); // as above
        (_input, _output) = (null, null);
    }

    /// <summary>
    /// Shape of a sample before this part, and the values of one before and behind it, as a sample of zeros has them.
    /// </summary>
    private (long[] Shape, int Inputs, int Outputs) Shapes(
        SampleShape sample, IEnumerable<nn.Module<Tensor, Tensor>> before)
    {
        using var scope = Enter();
        using var noGradient = no_grad();
        _instance.Network.eval();
        var input = Call(before, zeros([1, .. sample.Sizes]));
        var (shape, inputs) = (input.shape[1..], (int)input.numel()); // layers may write over what they read
        return (shape, inputs, (int)Call(_modules, input).numel());
    }

    private static Tensor Call(IEnumerable<nn.Module<Tensor, Tensor>> modules, Tensor input) =>
        modules.Aggregate(input, (values, module) => module.call(values));

    private static void Keep(ref Tensor? kept, Tensor value)
    {
        kept?.Dispose();
        kept = value.DetachFromDisposeScope();
    }

    /// <summary>A tensor in memory of libtorch's own, for its products have other bits at other alignments.</summary>
    private static Tensor Of(ReadOnlySpan<float> values, long[] shape)
    {
        var tensor = empty(shape, ScalarType.Float32);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(tensor.bytes));
        return tensor;
    }

    private static float[] Values(Tensor tensor)
    {
        using var inOrder = tensor.is_contiguous() ? null : tensor.contiguous();
        return MemoryMarshal.Cast<byte, float>((inOrder ?? tensor).bytes).ToArray();
    }
}
