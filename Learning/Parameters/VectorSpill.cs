namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// Keeps the vectors that nodes hold within a budget of memory: those that were used longest ago go to a file.
/// </summary>
/// <remarks>
/// Counts each vector once, however many nodes hold it. Thread-safe. Where the disk takes no more, vectors stay in
/// memory. The results of a run do not depend on any of this.
/// </remarks>
/// <param name="budgetBytes">Bytes of values that may stay in memory.</param>
/// <param name="folder">Folder on the disk that is to hold the rest.</param>
/// <param name="refused">Called once with the reason why the disk takes no more.</param>
public sealed class VectorSpill(long budgetBytes, string folder, Action<string>? refused = null) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ParameterVector, Holding> _held = new(ReferenceEqualityComparer.Instance);
    private readonly LinkedList<ParameterVector> _resident = []; // the one that was used longest ago first
    private SpillFile? _file;
    private long _residentBytes;
    private long _sinceCollection;
    private bool _full;

    /// <summary>Counts vectors as held by one node more, and puts others on disk if the budget is exceeded.</summary>
    /// <param name="vectors">The vectors; one may be there twice.</param>
    public void Hold(IEnumerable<ParameterVector> vectors)
    {
        lock (_lock)
        {
            foreach (var vector in vectors)
            {
                if (_held.TryGetValue(vector, out var holding)) holding.Holders++;
                else
                {
                    _held[vector] = new Holding { Holders = 1 };
                    if (vector.IsResident) Enter(vector);
                }
            }
        }
        Shrink();
    }

    /// <summary>Counts vectors as held by one node less; those that nobody holds are the garbage collector's.</summary>
    /// <param name="vectors">The vectors, as they were held.</param>
    public void Release(IEnumerable<ParameterVector> vectors)
    {
        lock (_lock)
        {
            foreach (var vector in vectors)
                if (_held.TryGetValue(vector, out var holding) && --holding.Holders == 0)
                {
                    Leave(vector);
                    _held.Remove(vector);
                }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _file?.Dispose();
    }

    private void Recalled(ParameterVector vector)
    {
        lock (_lock)
        {
            if (!_held.ContainsKey(vector)) return;
            Leave(vector);
            Enter(vector);
        }
        Shrink();
    }

    private void Enter(ParameterVector vector)
    {
        _held[vector].Place = _resident.AddLast(vector);
        _residentBytes += BytesOf(vector);
    }

    private void Leave(ParameterVector vector)
    {
        if (_held[vector].Place is not { } place) return;
        _resident.Remove(place);
        _residentBytes -= BytesOf(vector);
        _held[vector].Place = null;
    }

    /// <summary>Puts vectors on disk, outside the lock: others go on meanwhile.</summary>
    private void Shrink()
    {
        while (Oldest() is { } vector)
        {
            try
            {
                vector.Spill(OpenFile());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Refuse(vector, e.Message);
                return;
            }
            Collect(BytesOf(vector));
        }
    }

    /// <summary>
    /// Takes the vector that was used longest ago off the list of those in memory; null if they are within the budget.
    /// </summary>
    private ParameterVector? Oldest()
    {
        lock (_lock)
        {
            if (_full || _residentBytes <= budgetBytes || _resident.First?.Value is not { } oldest) return null;
            Leave(oldest);
            return oldest;
        }
    }

    private SpillFile OpenFile()
    {
        lock (_lock) return _file ??= new SpillFile(folder, Recalled);
    }

    private void Refuse(ParameterVector vector, string reason)
    {
        lock (_lock)
        {
            if (_held.TryGetValue(vector, out var holding) && holding.Place is null) Enter(vector);
            if (_full) return;
            _full = true;
        }
        refused?.Invoke($"Vectors of nodes stay in memory, past the budget of {budgetBytes} bytes: {reason}");
    }

    /// <summary>
    /// Arrays that were let go must not wait until the collector finds it worthwhile: the budget is of memory
    /// that is taken.
    /// </summary>
    private void Collect(long bytes)
    {
        if (Interlocked.Add(ref _sinceCollection, bytes) < Math.Max(budgetBytes / 8, 64L << 20)) return;
        Interlocked.Exchange(ref _sinceCollection, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
    }

    private static long BytesOf(ParameterVector vector) => sizeof(float) * (long)vector.Length;

    private sealed class Holding
    {
        public int Holders { get; set; }

        public LinkedListNode<ParameterVector>? Place { get; set; }
    }
}
