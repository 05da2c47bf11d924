using Orleans.FL.Learning.Updates;

namespace Orleans.FL.Grains.Exchange;

/// <summary>A pull that several nodes wait for; it is given up when all of them have gone.</summary>
/// <param name="start">Pulls.</param>
internal sealed class SharedPull(Func<CancellationToken, Task<(Update Update, long WireBytes)>> start)
{
    private readonly Lock _lock = new();
    private Task<(Update Update, long WireBytes)>? _task;
    private Action? _giveUp;
    private int _waiting;
    private bool _givenUp;

    /// <summary>What it brings; there once somebody has joined.</summary>
    public Task<(Update Update, long WireBytes)> Task => _task!;

    /// <summary>What it brought; null if it has not, or not yet.</summary>
    public Update? Result => _task is { IsCompletedSuccessfully: true } done ? done.Result.Update : null;

    /// <summary>Begins to wait; the first to do so starts the pull. False if it was given up.</summary>
    public bool Join()
    {
        lock (_lock)
        {
            if (_givenUp) return false;
            _waiting++;
            if (_task is null)
            {
                var over = new CancellationTokenSource();
                _giveUp = over.Cancel;
                _task = System.Threading.Tasks.Task.Run(() => start(over.Token));
            }
            return true;
        }
    }

    /// <summary>Stops waiting.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_waiting > 0 || _task!.IsCompleted) return;
            _givenUp = true;
        }
        _giveUp!();
    }
}
