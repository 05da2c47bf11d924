using Orleans.FL.Grains.Interfaces;
using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Grains.Checkpoints;

/// <summary>
/// Vectors by the blob that they were read from, for as long as somebody holds them; callers at the same time share
/// one read.
/// </summary>
internal sealed class SharedVectors
{
    private const int SweepAt = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Run, BlobRef Blob), Task<ParameterVector>> _underWay = [];
    private readonly Dictionary<(string Run, BlobRef Blob), WeakReference<ParameterVector>> _read = [];
    private int _sweepAt = SweepAt;

    /// <summary>The vector of a blob; read unless it is there or on its way.</summary>
    public Task<ParameterVector> Get((string Run, BlobRef Blob) key, Func<Task<ParameterVector>> read)
    {
        TaskCompletionSource<ParameterVector> mine;
        lock (_lock)
        {
            if (_read.TryGetValue(key, out var known) && known.TryGetTarget(out var vector))
                return Task.FromResult(vector);
            if (_underWay.TryGetValue(key, out var task)) return task;
            mine = new TaskCompletionSource<ParameterVector>(TaskCreationOptions.RunContinuationsAsynchronously);
            _underWay[key] = mine.Task;
        }
        _ = Read(key, read, mine);
        return mine.Task;
    }

    private async Task Read(
        (string Run, BlobRef Blob) key, Func<Task<ParameterVector>> read, TaskCompletionSource<ParameterVector> result)
    {
        try
        {
            var vector = await read();
            lock (_lock)
            {
                _read[key] = new WeakReference<ParameterVector>(vector);
                _underWay.Remove(key);
                Sweep();
            }
            result.SetResult(vector);
        }
        catch (Exception e) // of any kind: those that wait must learn of it
        {
            lock (_lock) _underWay.Remove(key);
            result.SetException(e);
        }
    }

    private void Sweep()
    {
        if (_read.Count < _sweepAt) return;
        foreach (var gone in _read.Where(r => !r.Value.TryGetTarget(out _)).Select(r => r.Key).ToList())
            _read.Remove(gone);
        _sweepAt = Math.Max(SweepAt, 2 * _read.Count);
    }
}
