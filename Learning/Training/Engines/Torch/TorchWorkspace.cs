using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Training.Jobs;
using Orleans.FL.Learning.Training.TorchLoading;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training.Engines.Torch;

/// <summary>
/// What libtorch keeps on one training thread from job to job: built networks and batch memory. Results never
/// depend on it.
/// </summary>
public sealed class TorchWorkspace : IDisposable
{
    // Enough for the models of a few experiments at once; an old one is rebuilt in milliseconds when it returns.
    private const int Capacity = 8;

    [ThreadStatic]
    private static bool _single; // of the thread, as libtorch's number of threads is

    private readonly List<(Component<Model> Model, SampleShape Input, int Outputs, int Copy, string Precision,
        ModelInstance Instance)> _instances = [];
    private readonly Func<LaneDevice> _device;
    private int _thread = Environment.CurrentManagedThreadId; // whose the lane is now

    internal TorchWorkspace(Func<LaneDevice>? device = null) => _device = device ?? (() => LaneDevice.Cpu);

    /// <summary>What the thread computes on.</summary>
    public LaneDevice Device => _device();

    internal Batch Batch { get; } = new();

    /// <summary>The lane's network of a model in libtorch, built at first use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="copy">0 for the one that trains and tests; others stand beside it, with weights of their
    /// own.</param>
    /// <param name="precision">What it computes with: <see cref="TensorFormat.Full"/> or
    /// <see cref="TensorFormat.BFloat16"/>.</param>
    /// <exception cref="ExperimentException">The model refuses such samples.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public ModelInstance Instance(
        Component<Model> model, SampleShape input, int outputs, int copy = 0, string precision = TensorFormat.Full)
    {
        CheckThread();
        PrepareThread();
        var at = _instances.FindIndex(i => i.Copy == copy && i.Precision == precision && i.Outputs == outputs
            && i.Input == input && i.Model == model);
        var entry = at < 0
            ? (model, input, outputs, copy, precision, ModelInstance.Build(model, input, outputs, Device, precision))
            : _instances[at];
        if (at >= 0) _instances.RemoveAt(at);
        _instances.Insert(0, entry);
        if (_instances.Count > Capacity) DropLast();
        return entry.Item6;
    }

    /// <summary>Gathers samples on the lane's device.</summary>
    /// <param name="data">Where they are.</param>
    /// <param name="indices">Which they are.</param>
    /// <returns>Inputs (n, …shape of a sample) and targets, owned by the current scope.</returns>
    internal (Tensor Inputs, Tensor Targets) Gather(DataPart data, ReadOnlySpan<int> indices)
    {
        var (inputs, targets) = Batch.Gather(data, indices);
        return Device == LaneDevice.Cpu ? (inputs, targets) : (inputs.to(Device.Name), targets.to(Device.Name));
    }

    /// <summary>Makes the lane another thread's.</summary>
    /// <param name="thread">The managed id of the thread.</param>
    /// <returns>The id of the thread whose it was.</returns>
    internal int HandTo(int thread) => Interlocked.Exchange(ref _thread, thread);

    /// <summary>Loads libtorch, and keeps it to the one thread that calls it.</summary>
    internal static void PrepareThread()
    {
        if (_single) return;
        TorchRuntime.EnsureLoaded();
        UseOneThread();
        _single = true;
    }

    /// <summary>Throws if the caller is on another thread than the lane's.</summary>
    internal void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("A lane works on its own thread only.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_instances.Count > 0) DropLast();
        Batch.Dispose();
    }

    /// <summary>One core a lane: bits would depend on libtorch's thread count, and nested pools collapse.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // nothing may touch torch before it is loaded
    private static void UseOneThread() => set_num_threads(1);

    private void DropLast()
    {
        _instances[^1].Instance.Dispose();
        _instances.RemoveAt(_instances.Count - 1);
    }
}
