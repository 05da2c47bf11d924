using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Tasks;
using Orleans.FL.Learning.Training.Engines;
using Orleans.FL.Learning.Training.Engines.Batched;
using Orleans.FL.Learning.Training.Engines.Dense;
using Orleans.FL.Learning.Training.Engines.Torch;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>
/// What one training thread keeps from job to job: built networks and batch memory. Results never depend on it.
/// </summary>
public sealed class Lane : IDisposable
{
    private readonly DenseEngine _dense = new();
    private readonly TorchEngine _torch;
    private readonly BatchedEngine _batched;
    private readonly ClientBatch _clientBatch;

    internal Lane(int index, Func<LaneDevice>? device = null)
    {
        (Index, Torch) = (index, new TorchWorkspace(device));
        _torch = new TorchEngine(Torch);
        _batched = new BatchedEngine(Torch, _torch, () => ClientBatch);
        _clientBatch = new ClientBatch(this, _batched.Train);
    }

    /// <summary>Number of the lane, from 0.</summary>
    public int Index { get; }

    /// <summary>What the lane computes on.</summary>
    public LaneDevice Device => Torch.Device;

    /// <summary>What libtorch keeps on the lane.</summary>
    public TorchWorkspace Torch { get; }

    /// <summary>Jobs that the lane does side by side now, 1 or more; each has that share of the time.</summary>
    public int Jobs => Math.Max(1, _clientBatch.Size);

    /// <summary>The jobs that it does side by side now; null if there is one at most.</summary>
    internal ClientBatch? ClientBatch => _clientBatch.Size > 0 ? _clientBatch : null;

    /// <summary>
    /// The engine that trains a model and tests it: what the experiment says, and the device where it says nothing.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">How it is trained.</param>
    /// <param name="task">What it learns; null for a task that any engine knows.</param>
    public Engine EngineFor(Component<Model> model, TrainingSettings settings, LearningTask? task = null)
    {
        Torch.CheckThread();
        return EngineChoice.Of(model, settings, () => Device, task) switch
        {
            EngineChoice.Dense => _dense,
            EngineChoice.Batched => _batched,
            _ => _torch,
        };
    }

    /// <summary>Does jobs that the lane took at once.</summary>
    /// <param name="jobs">One, or several that may train together.</param>
    /// <param name="stop">Cancelled when the lanes close.</param>
    internal void Do(IReadOnlyList<LaneJob> jobs, CancellationToken stop)
    {
        if (jobs.Count == 1) jobs[0].Execute(this, stop);
        else _clientBatch.Run(jobs, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _clientBatch.Dispose();
        _dense.Dispose();
        _torch.Dispose();
        _batched.Dispose();
        Torch.Dispose();
    }
}
