namespace Orleans.FL.Learning.Partitioners;

/// <summary>Deals the stock of each class to nodes that want given numbers of samples of their own classes.</summary>
/// <remarks>
/// Nodes with equal sets count as one group. Every group starts with even counts; then augmenting paths (Edmonds, Karp,
/// JACM 1972) move samples from classes that are asked too much, over groups that hold several classes, to classes with
/// stock left. So a deal is found whenever there is one, and it is even where it can be.
/// </remarks>
internal sealed class LabelFlow
{
    private readonly int[][] _sets;
    private readonly int[][] _counts;
    private readonly int[] _spare;

    private LabelFlow(int[][] sets, int[] sizes, int[] stock)
    {
        _sets = sets;
        _counts = [.. sets.Zip(sizes, (set, size) => set.Select((_, k) => Even(size, set.Length, k)).ToArray())];
        _spare = [.. stock];
        foreach (var (set, counts) in sets.Zip(_counts))
            for (var k = 0; k < set.Length; k++) _spare[set[k]] -= counts[k];
    }

    /// <summary>How many of each class of its set each node gets; null if no deal meets the demand.</summary>
    /// <param name="sets">Classes of each node.</param>
    /// <param name="sizes">Samples that each node wants.</param>
    /// <param name="stock">Samples of each class.</param>
    public static int[][]? Solve(int[][] sets, int[] sizes, int[] stock)
    {
        var groups = Enumerable.Range(0, sets.Length).GroupBy(node => string.Join(',', sets[node])).ToList();
        int[][] groupSets = [.. groups.Select(group => sets[group.First()])];
        int[] groupSizes = [.. groups.Select(group => group.Sum(node => sizes[node]))];
        var flow = new LabelFlow(groupSets, groupSizes, stock);
        if (!flow.Balance()) return null;
        var counts = new int[sets.Length][];
        foreach (var (group, totals) in groups.Zip(flow._counts)) DealWithin([.. group], sizes, totals, counts);
        return counts;
    }

    private static int Even(int size, int parts, int part) => size / parts + (part < size % parts ? 1 : 0);

    /// <summary>Cuts a group's counts among its nodes, in the same proportions as far as whole numbers go.</summary>
    private static void DealWithin(int[] nodes, int[] sizes, int[] totals, int[][] counts)
    {
        var left = totals.ToArray();
        foreach (var node in nodes)
        {
            counts[node] = Apportionment.Cut(sizes[node], [.. left.Select(n => (double)n)], k => left[k])
                ?? throw new InvalidOperationException("A group's counts do not add up to its nodes' sizes.");
            for (var k = 0; k < left.Length; k++) left[k] -= counts[node][k];
        }
    }

    private bool Balance()
    {
        for (var label = 0; label < _spare.Length; label++)
        {
            while (_spare[label] < 0)
                if (!Relieve(label)) return false;
        }
        return true;
    }

    /// <summary>Moves samples from a class asked too much along a shortest path to one with stock left.</summary>
    private bool Relieve(int start)
    {
        var via = new (int From, int Group)[_spare.Length];
        var seen = new bool[_spare.Length];
        var queue = new Queue<int>([start]);
        seen[start] = true;
        while (queue.TryDequeue(out var from))
        {
            for (var group = 0; group < _sets.Length; group++)
            {
                if (Count(group, from) <= 0) continue;
                foreach (var to in _sets[group].Where(label => !seen[label]))
                {
                    seen[to] = true;
                    via[to] = (from, group);
                    if (_spare[to] > 0)
                    {
                        Move(start, to, via);
                        return true;
                    }
                    queue.Enqueue(to);
                }
            }
        }
        return false;
    }

    private void Move(int start, int end, (int From, int Group)[] via)
    {
        var amount = Math.Min(-_spare[start], _spare[end]);
        for (var label = end; label != start; label = via[label].From)
            amount = Math.Min(amount, Count(via[label].Group, via[label].From));
        for (var label = end; label != start; label = via[label].From)
        {
            var (from, group) = via[label];
            _counts[group][Array.IndexOf(_sets[group], from)] -= amount;
            _counts[group][Array.IndexOf(_sets[group], label)] += amount;
        }
        _spare[start] += amount;
        _spare[end] -= amount;
    }

    private int Count(int group, int label) =>
        Array.IndexOf(_sets[group], label) is >= 0 and var k ? _counts[group][k] : 0;
}
