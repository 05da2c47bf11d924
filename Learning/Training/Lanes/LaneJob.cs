using Orleans.FL.Learning.Training.Jobs;

namespace Orleans.FL.Learning.Training.Lanes;

/// <summary>Work that waits for a lane, or runs on it.</summary>
/// <param name="run">Id of the run that it belongs to.</param>
internal abstract class LaneJob(string run)
{
    /// <summary>Id of the run.</summary>
    public string Run { get; } = run;

    /// <summary>Device that it must run on; null for any.</summary>
    public string? Device { get; init; }

    /// <summary>How many such jobs a lane of a device may do side by side, 1 or more; null for 1.</summary>
    public Func<LaneDevice, int>? AtOnce { get; init; }

    /// <summary>What it is.</summary>
    public LaneWork Work { get; init; }

    /// <summary>Its place in the run's queue; null once taken or cancelled.</summary>
    public LinkedListNode<LaneJob>? Place { get; set; }

    /// <summary>Takes the job out of the queue when its caller gives up; empty if the caller cannot.</summary>
    public CancellationTokenRegistration GivingUp { get; set; }

    /// <summary>Does the work; never throws.</summary>
    /// <param name="lane">The lane that it runs on.</param>
    /// <param name="stop">Cancelled when the lanes close.</param>
    public abstract void Execute(Lane lane, CancellationToken stop);

    /// <summary>Ends the job without doing it.</summary>
    /// <param name="reason">The token that did it.</param>
    public abstract void Cancel(CancellationToken reason);
}

/// <inheritdoc/>
/// <typeparam name="T">What comes of the work.</typeparam>
internal sealed class LaneJob<T>(string run, Func<Lane, CancellationToken, T> work, CancellationToken cancellation)
    : LaneJob(run)
{
    // The caller's continuation must not run on the lane's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What the caller awaits.</summary>
    public Task<T> Task => _done.Task;

    /// <inheritdoc/>
    public override void Execute(Lane lane, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stop);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            _done.TrySetResult(work(lane, either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            Cancel(cancellation.IsCancellationRequested ? cancellation : stop);
        }
#pragma warning disable CA1031 // Whatever the work throws belongs to the caller; the lane lives on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _done.TrySetException(e);
        }
    }

    /// <inheritdoc/>
    public override void Cancel(CancellationToken reason) => _done.TrySetCanceled(reason);
}
