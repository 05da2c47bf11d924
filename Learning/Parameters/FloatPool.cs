namespace Orleans.FL.Learning.Parameters;

/// <summary>Arrays for vectors: those that others had come first, new memory last.</summary>
public static class FloatPool
{
    private const int Shortest = 1024; // shorter ones cost the collector little
    private static readonly SpareArrays Spares = new();

    /// <summary>Bytes of arrays that nobody has now, those that threads keep for themselves apart.</summary>
    internal static long SpareBytes => Spares.SpareBytes;

    /// <summary>An array whose values are yet to be written.</summary>
    /// <param name="length">Number of values.</param>
    public static float[] Of(int length) => OwnArrays.Here.Take(length)
        ?? (length < Shortest ? GC.AllocateUninitializedArray<float>(length) : Spares.Take(length));

    /// <summary>A copy of some values.</summary>
    /// <param name="values">The values.</param>
    public static float[] CopyOf(ReadOnlySpan<float> values)
    {
        var copy = Of(values.Length);
        values.CopyTo(copy);
        return copy;
    }

    /// <summary>
    /// Keeps an array that nobody reads any more for the next vector of this thread: its pages are there, and mostly
    /// in the cache.
    /// </summary>
    /// <param name="values">The array.</param>
    internal static void TakeBack(float[] values) => OwnArrays.Here.Add(values);

    /// <summary>Lets go of all arrays that nobody has now: the next full collection frees their memory.</summary>
    internal static void Clear()
    {
        OwnArrays.ClearAll();
        Spares.Clear();
    }
}
