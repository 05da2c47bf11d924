namespace Orleans.FL.Learning.Parameters;

/// <summary>The arrays of one length that a thread gave up last, and takes first.</summary>
internal sealed class OwnArrays
{
    private const int Most = 8;
    // a training on a larger model lasts so long that its vector's place in the cache is worth nothing beside it
    private const int Longest = 1 << 22;

    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<OwnArrays>> Threads = [];

    [ThreadStatic]
    private static OwnArrays? _here;

    private readonly Stack<float[]> _arrays = new(Most);

    private OwnArrays()
    {
        lock (Gate)
        {
            Threads.RemoveAll(t => !t.TryGetTarget(out _));
            Threads.Add(new WeakReference<OwnArrays>(this));
        }
    }

    /// <summary>Those of the thread that asks.</summary>
    public static OwnArrays Here => _here ??= new OwnArrays();

    /// <summary>Lets go of the arrays of all threads.</summary>
    public static void ClearAll()
    {
        lock (Gate)
            foreach (var thread in Threads)
                if (thread.TryGetTarget(out var own)) own.Clear();
    }

    /// <summary>Takes the last one; null if there is none of that length.</summary>
    /// <param name="length">Number of values.</param>
    public float[]? Take(int length)
    {
        lock (_arrays) return _arrays.TryPeek(out var last) && last.Length == length ? _arrays.Pop() : null;
    }

    /// <summary>Adds one, if there is room; those of another length go.</summary>
    /// <param name="values">The array, which nobody reads any more.</param>
    public void Add(float[] values)
    {
        if (values.Length > Longest) return;
        lock (_arrays)
        {
            if (_arrays.TryPeek(out var last) && last.Length != values.Length) _arrays.Clear(); // another model now
            if (_arrays.Count < Most) _arrays.Push(values);
        }
    }

    private void Clear()
    {
        lock (_arrays) _arrays.Clear();
    }
}
