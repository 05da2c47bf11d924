using System.Runtime.InteropServices;

namespace Orleans.FL.Learning.Parameters;

/// <summary>New arrays that somebody is about to fill.</summary>
/// <remarks>
/// Memory that a process has not touched yet comes from the kernel page by page, 1,625 of them for a vector of 1.66
/// million floats; on a virtual machine that costs more than the filling. Linux gives whole blocks of 2 MiB where it is
/// asked to, and ignores the question where it has none.
/// </remarks>
internal static unsafe partial class FloatPool
{
    private const int HugePage = 2 << 20;
    // below it, many vectors share a page, and the question costs more than it saves
    private const int LeastAdvised = 256 << 10;
    private const int AdviseHugePages = 14;
    private const int MostTakenBack = 8;
    // a training on a larger model lasts so long that its vector's memory costs nothing beside it
    private const int LongestTakenBack = 1 << 22;

    private const long LeastCollected = 256L << 20;

    private static long _sinceCollection;
    private static long _held; // bytes, after the last collection

    [ThreadStatic]
    private static Stack<float[]>? _takenBack;

    /// <summary>An array whose values are yet to be written.</summary>
    /// <param name="length">Number of values.</param>
    public static float[] Of(int length)
    {
        if (_takenBack is { Count: > 0 } before && before.Peek().Length == length) return before.Pop();
        Collect(sizeof(float) * (long)length);
        var values = GC.AllocateUninitializedArray<float>(length);
        if (OperatingSystem.IsLinux() && (long)sizeof(float) * length >= LeastAdvised) Advise(values);
        return values;
    }

    /// <summary>
    /// Keeps an array that nobody reads any more for the next vector of this thread: its pages are there, and mostly
    /// in the cache.
    /// </summary>
    /// <param name="values">The array.</param>
    public static void TakeBack(float[] values)
    {
        if (values.Length > LongestTakenBack) return;
        var before = _takenBack ??= new(MostTakenBack);
        if (before.Count > 0 && before.Peek().Length != values.Length) before.Clear(); // another model trains now
        if (before.Count < MostTakenBack) before.Push(values);
    }

    /// <summary>
    /// Lets the collector look for vectors that nobody holds before memory grows much: by itself it waits until it has
    /// grown by as much again, and memory that the process has had before costs a hundredth of what new memory does.
    /// </summary>
    private static void Collect(long bytes)
    {
        if (bytes < LeastAdvised
            || Interlocked.Add(ref _sinceCollection, bytes) < Math.Max(LeastCollected, Volatile.Read(ref _held) / 4))
            return;
        Interlocked.Exchange(ref _sinceCollection, 0);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: false);
        Volatile.Write(ref _held, GC.GetGCMemoryInfo(GCKind.FullBlocking).HeapSizeBytes);
    }

    private static void Advise(float[] values)
    {
        fixed (float* first = values)
        {
            var begin = (nint)first & -HugePage;
            var end = (nint)(first + values.Length) + HugePage - 1 & -HugePage;
            _ = Advise(begin, end - begin, AdviseHugePages); // a wish: without it the array is as good, and slower
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nint length, int advice);
}
