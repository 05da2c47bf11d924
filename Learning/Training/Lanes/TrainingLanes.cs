using Orleans.FL.Learning.Training.Engines.Dense.Kernels;
using Orleans.FL.Learning.Components;
using Orleans.FL.Learning.Foundation;
using Orleans.FL.Learning.Models;
using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>The threads that train: one a lane, shared fairly between runs. Everything else awaits its turn.</summary>
/// <remarks>
/// Runs take turns, and a run's jobs start in the order of their calls. Trainings that the batched engine does at once
/// are one turn. A waiting job costs what its closure holds and nothing else. Results do not depend on the number of
/// lanes, nor on which lane a job meets, nor on what it is done beside.
/// </remarks>
public sealed class TrainingLanes : IAsyncDisposable
{
    private readonly object _gate = new(); // a monitor, because lanes wait on it
    private readonly FairQueue _queue = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<IReadOnlyList<LaneDevice>> _devices;
    private readonly Thread[] _threads;
    private readonly Task _ended;
    private readonly LaneAccount _account; // guarded by the gate
    private int _busy;
    private bool _closed;

    /// <summary>Starts the lanes.</summary>
    /// <param name="lanes">Number of lanes, 1 or more; one a core is best.</param>
    /// <param name="devices">Gives a device for each lane when the first of them needs it; null for the
    /// processor.</param>
    /// <param name="time">The clock that their work is counted by; null for the system's.</param>
    public TrainingLanes(int lanes, Func<IReadOnlyList<LaneDevice>>? devices = null, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lanes);
        _account = new LaneAccount(lanes, time ?? TimeProvider.System);
        _devices = new Lazy<IReadOnlyList<LaneDevice>>(devices
            ?? (() => [.. Enumerable.Repeat(LaneDevice.Cpu, lanes)]));
        var ends = new TaskCompletionSource[lanes];
        _threads = new Thread[lanes];
        for (var i = 0; i < lanes; i++)
        {
            var (index, end) = (i, ends[i] = new(TaskCreationOptions.RunContinuationsAsynchronously));
            _threads[i] = new Thread(() => Work(index, end)) { IsBackground = true, Name = $"training lane {index}" };
        }
        _ended = Task.WhenAll(ends.Select(e => e.Task));
        foreach (var thread in _threads) thread.Start();
    }

    /// <summary>Number of lanes.</summary>
    public int Count => _threads.Length;

    /// <summary>Devices of the lanes, in order of the lanes.</summary>
    /// <exception cref="ExperimentException">A device that was asked for is not there.</exception>
    public IReadOnlyList<LaneDevice> Devices => _devices.Value;

    /// <summary>
    /// What the lanes could do at best, in 10⁹ floating-point operations a second; null where some are on another
    /// device than the processor.
    /// </summary>
    public double? PeakGflops =>
        Devices.All(d => d == LaneDevice.Cpu)
            ? Math.Min(Count, Environment.ProcessorCount) * PeakRate.GflopsPerCore
            : null;

    /// <summary>Lanes at work now.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>Jobs that wait for a lane now.</summary>
    public int Queued
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    /// <summary>How long the lanes worked for a run until now.</summary>
    /// <param name="run">Id of the run.</param>
    public LaneTimes TimesOf(string run)
    {
        lock (_gate) return _account.Of(run);
    }

    /// <summary>How long the lanes did work of a kind until now, for whatever run; added up over lanes.</summary>
    /// <param name="kind">The kind.</param>
    public TimeSpan TimeOf(LaneWork kind)
    {
        lock (_gate) return _account.Of(kind);
    }

    /// <summary>
    /// Lets go of what is counted of a run; if no other is at work, of the memory that is kept for trainings, too.
    /// </summary>
    /// <param name="run">Id of the run.</param>
    public void Forget(string run)
    {
        bool idle;
        lock (_gate)
        {
            _account.Forget(run);
            idle = _account.IsEmpty && _queue.Count == 0;
        }
        if (idle) _ = Task.Run(IdleMemory.GiveBack);
    }

    /// <summary>Runs work on a lane when its turn comes.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="run">Id of the run that it belongs to.</param>
    /// <param name="work">Synchronous work; its token ends when the caller's does or the lanes close.</param>
    /// <param name="cancellation">Takes the work out of the queue, or asks it to stop if it runs.</param>
    /// <returns>The work's result, exception or cancellation; the lane goes on in each case.</returns>
    /// <exception cref="ObjectDisposedException">The lanes are closed.</exception>
    public Task<T> Run<T>(
        string run, Func<Lane, CancellationToken, T> work, CancellationToken cancellation = default) =>
        Run(run, LaneWork.Other, work, null, cancellation);

    /// <summary>Runs work of a kind on a lane when its turn comes.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="run">Id of the run that it belongs to.</param>
    /// <param name="kind">What it is, for who counts the time.</param>
    /// <param name="work">Synchronous work; its token ends when the caller's does or the lanes close.</param>
    /// <param name="cancellation">Takes the work out of the queue, or asks it to stop if it runs.</param>
    /// <returns>The work's result, exception or cancellation; the lane goes on in each case.</returns>
    /// <exception cref="ObjectDisposedException">The lanes are closed.</exception>
    public Task<T> Run<T>(
        string run, LaneWork kind, Func<Lane, CancellationToken, T> work, CancellationToken cancellation = default) =>
        Run(run, kind, work, null, cancellation);

    /// <summary>Runs work on a lane of a device when its turn comes.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="run">Id of the run that it belongs to.</param>
    /// <param name="kind">What it is, for who counts the time.</param>
    /// <param name="work">Synchronous work; its token ends when the caller's does or the lanes close.</param>
    /// <param name="device">Name of the device; null for any.</param>
    /// <param name="cancellation">Takes the work out of the queue, or asks it to stop if it runs.</param>
    /// <returns>The work's result, exception or cancellation; the lane goes on in each case.</returns>
    /// <exception cref="ObjectDisposedException">The lanes are closed.</exception>
    /// <exception cref="ExperimentException">No lane has that device.</exception>
    public Task<T> Run<T>(string run, LaneWork kind, Func<Lane, CancellationToken, T> work, string? device,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(work);
        return Run(new LaneJob<T>(run, work, cancellation) { Device = device, Work = kind }, cancellation);
    }

    /// <summary>
    /// Runs a node's training on a lane of a device when its turn comes; along with others of the run, where the engine
    /// trains several at once.
    /// </summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="run">Id of the run that it belongs to.</param>
    /// <param name="model">The network.</param>
    /// <param name="settings">How the node trains.</param>
    /// <param name="work">Synchronous work; its token ends when the caller's does or the lanes close.</param>
    /// <param name="device">Name of the device; null for any.</param>
    /// <param name="cancellation">Takes the work out of the queue, or asks it to stop if it runs.</param>
    /// <returns>The work's result, exception or cancellation; the lane goes on in each case.</returns>
    /// <exception cref="ObjectDisposedException">The lanes are closed.</exception>
    /// <exception cref="ExperimentException">No lane has that device.</exception>
    public Task<T> Train<T>(
        string run, Component<Model> model, TrainingSettings settings, Func<Lane, CancellationToken, T> work,
        string? device = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(work);
        return Run(new LaneJob<T>(run, work, cancellation)
        {
            Device = device,
            Work = LaneWork.Train,
            AtOnce = on => EngineChoice.JobsAtOnce(model, settings, () => on),
        }, cancellation);
    }

    private Task<T> Run<T>(LaneJob<T> job, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        if (job.Device is not null && Devices.All(d => d.Name != job.Device))
            throw new ExperimentException($"No lane of the silo has the device {job.Device}; "
                + $"it has {string.Join(", ", Devices.Select(d => d.Name).Distinct())}.");
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _queue.Add(job);
            if (job.Device is null) Monitor.Pulse(_gate);
            else Monitor.PulseAll(_gate); // the one that wakes must be of the device
        }
        var registration = cancellation.UnsafeRegister(_ => GiveUp(job, cancellation), null);
        lock (_gate)
        {
            if (job.Place is null) registration.Unregister(); // it ran, or was given up, in between
            else job.GivingUp = registration;
        }
        return job.Task;
    }

    /// <summary>Cancels what waits, asks what runs to stop, and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        var waiting = new List<LaneJob>();
        lock (_gate)
        {
            _closed = true;
            while (_queue.Take(_ => true) is { } job) waiting.Add(job);
            Monitor.PulseAll(_gate);
        }
        if (!_ended.IsCompleted) await _stop.CancelAsync();
        foreach (var job in waiting)
        {
            job.GivingUp.Unregister();
            job.Cancel(_stop.Token);
        }
        await _ended;
        foreach (var thread in _threads) thread.Join();
        _stop.Dispose();
    }

    private void Work(int index, TaskCompletionSource end)
    {
        using var lane = new Lane(index, () => Devices[index]);
        while (Next(index) is { Count: > 0 } jobs)
        {
            foreach (var job in jobs) job.GivingUp.Unregister();
            lane.Do(jobs, _stop.Token);
            Interlocked.Decrement(ref _busy);
        }
        end.SetResult();
    }

    /// <summary>The next job, with others that may be done beside it; none once the lanes are closed.</summary>
    private IReadOnlyList<LaneJob> Next(int index)
    {
        lock (_gate)
        {
            _account.End(index);
            LaneJob? job;
            while ((job = _queue.Take(d => Devices[index].Name == d)) is null && !_closed) Monitor.Wait(_gate);
            if (job is null) return [];
            _account.Begin(index, job.Run, job.Work);
            Interlocked.Increment(ref _busy);
            return [job, .. Beside(job, index)];
        }
    }

    /// <summary>
    /// Jobs that a lane does beside one, in one turn of the run; no more than its share, or other lanes
    /// would stand idle.
    /// </summary>
    private IReadOnlyList<LaneJob> Beside(LaneJob job, int index)
    {
        var most = job.AtOnce?.Invoke(Devices[index]) ?? 1;
        if (most == 1) return [];
        var share = (_queue.CountOf(job.Run) + Count) / Count; // with the one that is taken, rounded up
        return _queue.TakeBeside(job.Run, Math.Min(most, share) - 1, Devices[index]);
    }

    private void GiveUp(LaneJob job, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (!_queue.Remove(job)) return;
        }
        job.Cancel(cancellation);
    }
}
