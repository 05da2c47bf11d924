using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Experiments;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Parameters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>One built network whose parameters and float buffers are views of one flat array.</summary>
/// <remarks>Loading and reading weights is one copy. Not thread-safe: it belongs to a <see cref="Lane"/>.</remarks>
public sealed class ModelInstance : IDisposable
{
    // Constructors of layers draw from libtorch's global generator, which is not made for several threads.
    private static readonly Lock Construction = new();

    private readonly Tensor _storage;
    private readonly float[] _values;
    private readonly WeakReference<ParameterVector?> _loaded = new(null);

    private ModelInstance(Model model, nn.Module<Tensor, Tensor> network)
    {
        Model = model;
        Network = network;
        Layout = NetworkLayout.Of(network);
        Parameters = [.. network.named_parameters().Select(p => p.parameter)];
        _values = GC.AllocateUninitializedArray<float>(Layout.Length, pinned: true);
        _storage = frombuffer(_values, ScalarType.Float32).DetachFromDisposeScope();
        var tensors = Parameters.Concat(network.named_buffers().Select(b => b.buffer).Where(NetworkLayout.IsFloat));
        foreach (var (slice, tensor) in Layout.Slices.Zip(tensors)) Move(tensor, slice);
    }

    /// <summary>The component that built the network.</summary>
    public Model Model { get; }

    /// <summary>The network; (n, channels, height, width) to (n, classes).</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>What the flat values mean.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The trainable parameters, in layout order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>All weights in layout order: the memory that the network itself computes with.</summary>
    public Span<float> Values => _values;

    /// <summary>Builds a network on this thread.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of the images.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="ExperimentException">The model refuses such images.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public static ModelInstance Build(Component<Model> model, ImageShape input, int classes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        var component = model.Create();
        if (component.Refusal(input) is { } refusal) throw new ExperimentException(refusal);
        TorchRuntime.EnsureLoaded();
        return Build(component, input, classes);
    }

    /// <summary>Puts weights into the network; free if they are in it already.</summary>
    /// <param name="weights">Weights of this layout.</param>
    public void Load(ParameterVector weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Length != Layout.Length)
            throw new ArgumentException($"The model holds {Layout.Length} values, not {weights.Length}.", nameof(weights));
        if (_loaded.TryGetTarget(out var loaded) && ReferenceEquals(loaded, weights)) return;
        weights.Span.CopyTo(_values);
        _loaded.SetTarget(weights);
    }

    /// <summary>Declares that the values are about to change.</summary>
    public void Touch() => _loaded.SetTarget(null);

    /// <summary>Drops what a broken job may have left behind.</summary>
    public void ForgetGradients()
    {
        foreach (var parameter in Parameters) parameter.grad = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        _storage.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static ModelInstance Build(Model model, ImageShape input, int classes)
    {
        lock (Construction) return new(model, model.Build(input, classes));
    }

    /// <summary>Makes a tensor of the network a view of its slice of the flat array.</summary>
    private void Move(Tensor tensor, ParameterSlice slice)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        tensor.set_(_storage.narrow(0, slice.Offset, slice.Length).view([.. slice.Shape.Select(d => (long)d)]));
    }
}
