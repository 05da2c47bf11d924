namespace Orleans.FL.Grains.Exchange;

/// <summary>Bounds the chunks that a silo has asked for and not yet got; pulls take turns.</summary>
/// <remarks>
/// Calls that share the connection wait behind that many chunks at most, so they stay quick on a slow link.
/// </remarks>
/// <param name="size">Chunks under way at the same time, 1 to 64.</param>
public sealed class TransferWindow(int size)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Queue<TaskCompletionSource>> _waiting = [];
    private readonly Queue<object> _turns = new(); // each pull that waits, once
    private int _free = size;

    /// <summary>Waits for a place.</summary>
    /// <param name="pull">The pull that asks; each one gets one place a turn.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task Enter(object pull, CancellationToken cancellation)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_waiting.TryGetValue(pull, out var queue))
            {
                _waiting[pull] = queue = new Queue<TaskCompletionSource>();
                _turns.Enqueue(pull);
            }
            queue.Enqueue(turn);
        }
        await using var _ = cancellation.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), turn);
        await turn.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void Exit()
    {
        lock (_lock)
        {
            while (_turns.TryDequeue(out var pull))
            {
                var queue = _waiting[pull];
                var granted = false;
                while (!granted && queue.TryDequeue(out var turn)) granted = turn.TrySetResult(); // false if it gave up
                if (queue.Count > 0) _turns.Enqueue(pull);
                else _waiting.Remove(pull);
                if (granted) return;
            }
            _free++;
        }
    }
}
