using System.Runtime.CompilerServices;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Datasets;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Batched;
using Orleans.FL.Learning.Training.Dense;
using static TorchSharp.torch;

namespace Orleans.FL.Learning.Training;

/// <summary>What one training thread keeps from job to job: built networks and batch memory. Results never depend on it.</summary>
public sealed class Lane : IDisposable
{
    // Enough for the models of a few experiments at once; an old one is rebuilt in milliseconds when it returns.
    private const int Capacity = 8;

    [ThreadStatic]
    private static bool _single; // of the thread, as libtorch's number of threads is

    private readonly List<(Component<Model> Model, SampleShape Input, int Outputs, int Copy, string Precision, ModelInstance Instance)> _instances = [];
    private readonly Func<LaneDevice> _device;
    private readonly DenseEngine _dense = new();
    private readonly TorchEngine _torch;
    private readonly BatchedEngine _batched;
    private readonly ClientBatch _clientBatch;
    private int _thread = Environment.CurrentManagedThreadId; // whose the lane is now

    internal Lane(int index, Func<LaneDevice>? device = null)
    {
        (Index, _device) = (index, device ?? (() => LaneDevice.Cpu));
        _torch = new TorchEngine(this);
        _batched = new BatchedEngine(this, _torch);
        _clientBatch = new ClientBatch(this, _batched.Train);
    }

    /// <summary>Number of the lane, from 0.</summary>
    public int Index { get; }

    /// <summary>What the lane computes on.</summary>
    public LaneDevice Device => _device();

    /// <summary>Jobs that the lane does side by side now, 1 or more; each has that share of the time.</summary>
    public int Jobs => Math.Max(1, _clientBatch.Size);

    internal Batch Batch { get; } = new();

    /// <summary>The jobs that it does side by side now; null if there is one at most.</summary>
    internal ClientBatch? ClientBatch => _clientBatch.Size > 0 ? _clientBatch : null;

    /// <summary>The engine that trains a model and tests it: what the experiment says, and the device where it says nothing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="task">What it learns; null for a task that any engine knows.</param>
    public Engine EngineFor(Component<Model> model, TrainingSettings settings, LearningTask? task = null)
    {
        CheckThread();
        return EngineChoice.Of(model, settings, _device, task) switch
        {
            EngineChoice.Dense => _dense,
            EngineChoice.Batched => _batched,
            _ => _torch,
        };
    }

    /// <summary>The lane's network of a model in libtorch, built at first use.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Shape of a sample.</param>
    /// <param name="outputs">Outputs of a sample.</param>
    /// <param name="copy">0 for the one that trains and tests; others stand beside it, with weights of their own.</param>
    /// <param name="precision">What it computes with: <see cref="TensorFormat.Full"/> or <see cref="TensorFormat.BFloat16"/>.</param>
    /// <exception cref="Experiments.ExperimentException">The model refuses such samples.</exception>
    /// <exception cref="TorchUnavailableException">libtorch is missing or does not load.</exception>
    public ModelInstance Instance(Component<Model> model, SampleShape input, int outputs, int copy = 0, string precision = TensorFormat.Full)
    {
        CheckThread();
        PrepareThread();
        var at = _instances.FindIndex(i => i.Copy == copy && i.Precision == precision && i.Outputs == outputs && i.Input == input && i.Model == model);
        var entry = at < 0 ? (model, input, outputs, copy, precision, ModelInstance.Build(model, input, outputs, Device, precision)) : _instances[at];
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

    /// <summary>Does jobs that the lane took at once.</summary>
    /// <param name="jobs">One, or several that may train together.</param>
    /// <param name="stop">Cancelled when the lanes close.</param>
    internal void Do(IReadOnlyList<LaneJob> jobs, CancellationToken stop)
    {
        if (jobs.Count == 1) jobs[0].Execute(this, stop);
        else _clientBatch.Run(jobs, stop);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _clientBatch.Dispose();
        while (_instances.Count > 0) DropLast();
        Batch.Dispose();
        _dense.Dispose();
        _torch.Dispose();
        _batched.Dispose();
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("A lane works on its own thread only.");
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
