namespace Orleans.FL.Benchmarks.Transfer;

/// <summary>The values that are published; one array a length.</summary>
internal sealed class TransferVectors
{
    private readonly Dictionary<int, float[]> _vectors = [];

    /// <summary>The values of a length.</summary>
    public float[] Of(int length)
    {
        lock (_vectors)
        {
            if (_vectors.TryGetValue(length, out var values)) return values;
            values = new float[length];
            for (var i = 0; i < length; i++) values[i] = i * 0.25f;
            return _vectors[length] = values;
        }
    }
}
