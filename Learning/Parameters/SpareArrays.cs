using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>Arrays that vectors had and others may have, by length. Thread-safe.</summary>
/// <remarks>
/// What the collector finds unreachable comes here and is handed out again; its pages are there. What nobody has
/// wanted between two full collections goes to the collector for good.
/// </remarks>
internal sealed class SpareArrays
{
    private const long LeastCollected = 64L << 20;
    private const int LeastShare = 8;
    private const int MostShare = 4;
    private const double NewBytesPerSecond = 512 << 20; // what new memory costs where it is dear

    private readonly Lock _gate = new();
    private readonly Lock _collecting = new();
    private readonly Dictionary<int, Shelf> _shelves = [];
    private readonly Action<WatchedArray> _takeBack;
    private long _bytes; // of all arrays, handed out or not
    private long _handedOut; // bytes, since the last full collection
    private int _collections;
    private long _new; // bytes that were new since the last collection for an array
    private long _collectionCosts; // in bytes of new memory that take as long as the last one

    /// <summary>No arrays yet.</summary>
    public SpareArrays()
    {
        _takeBack = TakeBack;
        _ = new AfterCollections(GCHandle.Alloc(this, GCHandleType.Weak));
    }

    /// <summary>Bytes of the arrays that nobody has now.</summary>
    public long SpareBytes
    {
        get
        {
            lock (_gate) return _shelves.Sum(s => sizeof(float) * (long)s.Key * s.Value.Arrays.Count);
        }
    }

    /// <summary>Bytes that are handed out from one collection for an array to the next.</summary>
    /// <remarks>
    /// A collection looks at all objects, of which a hundred thousand nodes have many: the longer it takes, the fewer.
    /// </remarks>
    private long BetweenCollections
    {
        get
        {
            var bytes = Interlocked.Read(ref _bytes);
            return Math.Max(LeastCollected,
                Math.Clamp(Interlocked.Read(ref _collectionCosts), bytes / LeastShare, bytes / MostShare));
        }
    }

    /// <summary>An array whose values are yet to be written; it comes back by itself.</summary>
    /// <param name="length">Number of values.</param>
    public float[] Take(int length)
    {
        Interlocked.Add(ref _handedOut, sizeof(float) * (long)length);
        return (Find(length) ?? FindAfterCollection(length) ?? New(length)).HandOut();
    }

    /// <summary>Lets go of all arrays that nobody has now.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var (length, shelf) in _shelves) Forget(length, shelf.Arrays.Count);
            _shelves.Clear();
        }
    }

    private WatchedArray? Find(int length)
    {
        lock (_gate) return _shelves.GetValueOrDefault(length)?.Take();
    }

    /// <summary>
    /// Lets the collector look for arrays that nobody holds before memory grows much: by itself it waits until it has
    /// grown by as much again, and memory that the process has had costs a hundredth of what new memory does.
    /// </summary>
    private WatchedArray? FindAfterCollection(int length)
    {
        if (!IsWorthACollection()) return null;
        lock (_collecting)
        {
            if (Find(length) is { } other) return other; // by another thread's
            if (!IsWorthACollection()) return null;
            // memory that grew will mostly grow on
            var grown = Interlocked.Exchange(ref _new, 0);
            if (grown >= BetweenCollections / 2) NewMemory.Prepare(Math.Min(grown, BetweenCollections), length);
            Interlocked.Exchange(ref _handedOut, 0);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
            GC.WaitForPendingFinalizers();
            Interlocked.Exchange(ref _collectionCosts, (long)(NewBytesPerSecond
                * GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations[0].TotalSeconds));
            return Find(length);
        }
    }

    private bool IsWorthACollection() => Interlocked.Read(ref _handedOut) >= BetweenCollections;

    private WatchedArray New(int length)
    {
        Interlocked.Add(ref _bytes, sizeof(float) * (long)length);
        Interlocked.Add(ref _new, sizeof(float) * (long)length);
        return new WatchedArray(NewMemory.Of(length), _takeBack);
    }

    private void TakeBack(WatchedArray array)
    {
        lock (_gate)
        {
            ref var shelf = ref CollectionsMarshal.GetValueRefOrAddDefault(_shelves, array.Length, out _);
            (shelf ??= new Shelf()).Arrays.Add(array);
        }
    }

    /// <summary>Lets go of what was not needed since the full collection before this one.</summary>
    private void Trim()
    {
        var collections = GC.CollectionCount(GC.MaxGeneration);
        lock (_gate)
        {
            if (collections == _collections) return;
            _collections = collections;
            Interlocked.Exchange(ref _handedOut, 0);
            foreach (var (length, shelf) in _shelves)
            {
                Forget(length, shelf.Trim());
                if (shelf.Arrays.Count == 0) _shelves.Remove(length);
            }
        }
    }

    private void Forget(int length, int count) =>
        Interlocked.Add(ref _bytes, -sizeof(float) * (long)length * count);

    /// <summary>Spare arrays of one length; the one that came last goes first.</summary>
    private sealed class Shelf
    {
        private int _fewest;

        public List<WatchedArray> Arrays { get; } = [];

        public WatchedArray? Take()
        {
            if (Arrays.Count == 0) return null;
            var last = Arrays[^1];
            Arrays.RemoveAt(Arrays.Count - 1);
            _fewest = Math.Min(_fewest, Arrays.Count);
            return last;
        }

        /// <summary>Drops what was spare all the time since the last call; gives how many.</summary>
        public int Trim()
        {
            var dropped = _fewest;
            Arrays.RemoveRange(0, dropped);
            _fewest = Arrays.Count;
            return dropped;
        }
    }

    /// <summary>Nothing holds it: its finalizer runs after each collection that looks at its generation.</summary>
    private sealed class AfterCollections(GCHandle spares) // a WeakReference may be finalized before it
    {
        ~AfterCollections()
        {
            if (spares.Target is not SpareArrays target)
            {
                spares.Free();
                return;
            }
            target.Trim();
            GC.ReRegisterForFinalize(this);
        }
    }
}
