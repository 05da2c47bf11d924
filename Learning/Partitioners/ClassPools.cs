using Orleans.FL.Learning.Foundation;

namespace Orleans.FL.Learning.Partitioners;

/// <summary>The samples of each class in random order, to be taken one after another.</summary>
internal sealed class ClassPools
{
    private readonly int[][] _pools;
    private readonly int[] _taken;

    /// <summary>Pools of all samples.</summary>
    /// <param name="labels">Label of each sample.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="stream">Draws the order.</param>
    public ClassPools(int[] labels, int classes, RandomStream stream)
    {
        var counts = new int[classes];
        foreach (var label in labels) counts[label]++;
        _pools = [.. counts.Select(count => new int[count])];
        _taken = new int[classes];
        for (var i = labels.Length - 1; i >= 0; i--) _pools[labels[i]][--counts[labels[i]]] = i;
        foreach (var pool in _pools) stream.Shuffle<int>(pool);
    }

    /// <summary>Number of classes.</summary>
    public int Classes => _pools.Length;

    /// <summary>Number of samples of a class that nobody took yet.</summary>
    /// <param name="label">The class.</param>
    public int Stock(int label) => _pools[label].Length - _taken[label];

    /// <summary>The next sample of a class; takes it.</summary>
    /// <param name="label">The class; must have stock.</param>
    public int Take(int label) => _pools[label][_taken[label]++];

    /// <summary>Some different samples of a class, all of them equally likely; takes none.</summary>
    /// <param name="label">The class.</param>
    /// <param name="count">How many; no more than the class has.</param>
    /// <param name="stream">Draws them.</param>
    public ReadOnlySpan<int> Sample(int label, int count, RandomStream stream)
    {
        // The first steps of a Fisher-Yates shuffle, whatever order earlier calls left.
        var pool = _pools[label];
        for (var i = 0; i < count; i++)
        {
            var j = i + stream.NextInt(pool.Length - i);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }
        return pool.AsSpan(0, count);
    }
}
