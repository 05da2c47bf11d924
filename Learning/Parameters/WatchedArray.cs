using System.Runtime;

namespace Orleans.FL.Learning.Parameters;

/// <summary>An array that comes back when nothing can reach it any more.</summary>
/// <remarks>
/// While it is handed out, only a handle refers to this object, and only as long as the array itself can be reached:
/// by a vector, by a slice of its memory, by a span on some thread's stack. When the collector finds none of them, it
/// calls the finalizer of this object, which alone has the array then. So no reader can see it change.
/// </remarks>
internal sealed class WatchedArray
{
    private readonly float[] _values;
    private readonly Action<WatchedArray> _back;
    private DependentHandle _watch;

    /// <summary>Watches an array that is about to be handed out; see <see cref="HandOut"/>.</summary>
    /// <param name="values">The array, which nobody else has.</param>
    /// <param name="back">Takes it back, on the thread of finalizers.</param>
    public WatchedArray(float[] values, Action<WatchedArray> back)
    {
        (_values, _back) = (values, back);
        GC.SuppressFinalize(this);
    }

    /// <summary>Calls back: the array cannot be reached.</summary>
    ~WatchedArray()
    {
        _watch.Dispose();
        _back(this);
    }

    /// <summary>Number of values.</summary>
    public int Length => _values.Length;

    /// <summary>Gives the array to somebody; it comes back by itself.</summary>
    public float[] HandOut()
    {
        _watch = new DependentHandle(_values, this);
        GC.ReRegisterForFinalize(this);
        return _values;
    }
}
