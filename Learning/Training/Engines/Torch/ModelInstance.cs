using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Models.Layers;
using Orleans.FL.Learning.Parameters;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.TorchLoading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>One built network whose parameters and float buffers are views of one array that C# sees too.</summary>
/// <remarks>
/// Each slice begins at a multiple of 64 bytes, as libtorch's own tensors do, so that the network computes the same
/// bits as one with tensors of its own. Not thread-safe: it belongs to a lane.
/// </remarks>
public sealed class ModelInstance : IDisposable
{
    private readonly AlignedFloats _values;
    private readonly Tensor? _mirror; // the network's own memory, where that is not _values
    // the network's own memory of what it computes with in bfloat16; as long as _values
    private readonly Tensor? _narrow;
    private readonly int _trainable; // where the buffers begin, in _values
    private readonly int[] _starts; // of the slices, in _values
    private readonly WeakReference<ParameterVector?> _loaded = new(null);
    private bool _watched;
    private Tensor? _features;

    private ModelInstance(Model model, nn.Module<Tensor, Tensor> network, LaneDevice device, string precision)
    {
        Model = model;
        Device = device;
        if (device != LaneDevice.Cpu) network.to(device.Name);
        Network = network;
        Layout = NetworkLayout.Of(network);
        if (precision == TensorFormat.BFloat16) Narrow(network);
        Parameters = [.. network.named_parameters().Select(p => p.parameter)];
        _starts = new int[Layout.Slices.Count];
        var length = 0;
        foreach (var (i, slice) in Layout.Slices.Index())
        {
            _starts[i] = length;
            length = checked(length
                + (slice.Length + AlignedFloats.Unit - 1) / AlignedFloats.Unit * AlignedFloats.Unit);
        }
        _trainable = Parameters.Count < _starts.Length ? _starts[Parameters.Count] : length;
        _values = new AlignedFloats(length);
        if (device.Mirrored) _mirror = empty(length, device: torch.device(device.Name)).DetachFromDisposeScope();
        if (precision == TensorFormat.BFloat16)
            _narrow = empty(length, dtype: ScalarType.BFloat16, device: torch.device(device.Name))
                .DetachFromDisposeScope();
        var tensors = Parameters.Concat(network.named_buffers().Select(b => b.buffer).Where(NetworkLayout.IsFloat));
        foreach (var (i, tensor) in tensors.Index()) Move(tensor, i);
    }

    /// <summary>The component that built the network.</summary>
    public Model Model { get; }

    /// <summary>The network; (n, …shape of a sample) to (n, outputs).</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>Where the network computes.</summary>
    public LaneDevice Device { get; }

    /// <summary>What the flat values mean.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The trainable parameters, in layout order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>
    /// What the last layer took in when the network was called last, (n, …); valid until it is called again.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nobody asked for it before the call.</exception>
    public Tensor Features =>
        _features ?? throw new InvalidOperationException("Features are kept after WatchFeatures only.");

    /// <summary>Builds a network on this thread.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="precision">What it computes with: <see cref="TensorFormat.Full"/> or
    /// <see cref="TensorFormat.BFloat16"/>.</param>
    /// <exception cref="ExperimentException">The model refuses such samples.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public static ModelInstance Build(Component<Model> model, SampleShape input, int outputs, LaneDevice? device = null,
        string precision = TensorFormat.Full)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(outputs);
        var component = model.Create();
        if (component.Refusal(input) is { } refusal) throw new ExperimentException(refusal);
        TorchRuntime.EnsureLoaded();
        return Build(component, input, outputs, device ?? LaneDevice.Cpu, precision);
    }

    /// <summary>Puts weights into the network; free if they are in it already.</summary>
    /// <param name="weights">Weights of this layout.</param>
    public void Load(ParameterVector weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Length != Layout.Length)
            throw new ArgumentException($"The model holds {Layout.Length} values, not {weights.Length}.",
                nameof(weights));
        if (_loaded.TryGetTarget(out var loaded) && ReferenceEquals(loaded, weights)) return;
        var read = weights.Borrow();
        foreach (var (i, slice) in Layout.Slices.Index()) read.Span.Slice(slice.Offset, slice.Length).CopyTo(Values(i));
        weights.Return(read);
        Upload(_values.Length);
        _loaded.SetTarget(weights);
    }

    /// <summary>
    /// Hands the trainable values, as C# left them, to the network; nothing to do where they share memory.
    /// </summary>
    public void UploadTrainable() => Upload(_trainable);

    /// <summary>The weights as they are now, in memory of their own.</summary>
    public ParameterVector Read()
    {
        DownloadBuffers();
        var values = FloatPool.Of(Layout.Length);
        foreach (var (i, slice) in Layout.Slices.Index()) Values(i).CopyTo(values.AsSpan(slice.Offset));
        return ParameterVector.Own(values);
    }

    /// <summary>
    /// The values of one slice, as C# sees them: the memory that the network itself computes with, or its twin.
    /// </summary>
    /// <param name="slice">Index of the slice in the layout.</param>
    public Span<float> Values(int slice) => _values.Span.Slice(_starts[slice], Layout.Slices[slice].Length);

    /// <summary>Keeps <see cref="Features"/> from now on.</summary>
    public void WatchFeatures()
    {
        if (_watched) return;
        var last = Layout.Slices.Last(s => s.Trainable).Name;
        var layer = Network.named_modules().Single(m => m.name == last[..last.LastIndexOf('.')]).module;
        ((nn.Module<Tensor, Tensor>)layer).register_forward_pre_hook((_, input) => Keep(input));
        _watched = true;
    }

    /// <summary>Declares that the values are about to change.</summary>
    public void Touch() => _loaded.SetTarget(null);

    /// <summary>Moves one parameter by its gradient, in place, and drops the gradient.</summary>
    /// <param name="index">Index of the parameter.</param>
    /// <param name="update">The step that is taken.</param>
    internal void Descend(int index, LocalUpdate update)
    {
        var parameter = Parameters[index];
        using var computed = parameter.grad;
        if (computed is null) return;
        using var gradient = InMemory(computed);
        update.Apply(Values(index), MemoryMarshal.Cast<byte, float>((gradient ?? computed).bytes),
            Layout.Slices[index].Offset);
        parameter.grad = null;
    }

    /// <summary>Drops what a broken job may have left behind.</summary>
    public void ForgetGradients()
    {
        foreach (var parameter in Parameters) parameter.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _features?.Dispose();
        Network.Dispose();
        _mirror?.Dispose();
        _narrow?.Dispose();
        _values.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static ModelInstance Build(Model model, SampleShape input, int outputs, LaneDevice device, string precision)
    {
        lock (Model.Construction)
        {
            using var scope = NewDisposeScope();
            var instance = new ModelInstance(model, model.Build(input, outputs), device, precision);
            ForgetCounters(instance.Network);
            // those of another device
            foreach (var tensor in instance.Parameters.Concat(instance.Network.buffers()))
                tensor.DetachFromDisposeScope();
            return instance;
        }
    }

    /// <summary>
    /// Lets BatchNorm count no batches: nobody reads that, and it counts with numbers that the collector may free
    /// meanwhile (see <see cref="Scalars"/>).
    /// </summary>
    private static void ForgetCounters(nn.Module<Tensor, Tensor> network)
    {
        foreach (var norm in network.modules().OfType<BatchNorm2d>()) norm.num_batches_tracked = null;
    }

    /// <summary>
    /// Keeps a tensor beyond the layers that made it, which give theirs back as soon as the next has it.
    /// </summary>
    private Tensor Keep(Tensor input)
    {
        _features?.Dispose();
        _features = input.alias().DetachFromDisposeScope();
        return input;
    }

    /// <summary>A gradient as float32 in the order of the layout, where C# sees it; null if it is so.</summary>
    private Tensor? InMemory(Tensor gradient)
    {
        if (!Device.Mirrored && gradient.dtype == ScalarType.Float32 && gradient.is_contiguous()) return null;
        return gradient.to(ScalarType.Float32).contiguous().cpu();
    }

    private void Upload(int count)
    {
        if ((_mirror ?? _narrow) is null || count == 0) return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var values = _values.Tensor.narrow(0, 0, count);
        _mirror?.narrow(0, 0, count).copy_(values);
        _narrow?.narrow(0, 0, count).copy_(values); // rounds to the nearest
    }

    /// <summary>Fetches what the forward passes made of the buffers; parameters are moved by C# alone.</summary>
    private void DownloadBuffers()
    {
        if (_mirror is null || _trainable == _values.Length) return;
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var count = _values.Length - _trainable;
        _values.Tensor.narrow(0, _trainable, count).copy_(_mirror.narrow(0, _trainable, count));
    }

    /// <summary>Makes layers compute in bfloat16, except those that keep statistics of batches.</summary>
    private static void Narrow(nn.Module<Tensor, Tensor> network)
    {
        foreach (var layer in network.modules().Where(m => !m.children().Any() && !m.named_buffers().Any()))
            layer.to(ScalarType.BFloat16);
    }

    /// <summary>Makes a tensor of the network a view of its slice of the array.</summary>
    private void Move(Tensor tensor, int slice)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        // made before: the network is narrowed
        var memory = tensor.dtype == ScalarType.BFloat16 ? _narrow! : _mirror ?? _values.Tensor;
        tensor.set_(memory.narrow(0, _starts[slice], tensor.numel()).view(tensor.shape));
    }
}
