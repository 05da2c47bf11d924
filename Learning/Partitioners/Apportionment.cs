namespace Orleans.FL.Learning.Partitioners;

/// <summary>Cuts a whole number into whole parts that follow given shares.</summary>
internal static class Apportionment
{
    /// <summary>Parts that follow shares as far as capacities allow (largest remainders, ties to the first).</summary>
    /// <param name="total">What is cut.</param>
    /// <param name="shares">Share of each part; need not add up to 1.</param>
    /// <param name="capacities">Largest value of each part; a part without share gets nothing.</param>
    /// <returns>The parts, which add up to the total; null if the capacities do not suffice.</returns>
    public static int[]? Cut(int total, double[] shares, Func<int, int> capacities)
    {
        var parts = new int[shares.Length];
        var open = Enumerable.Range(0, shares.Length).Where(i => shares[i] > 0 && capacities(i) > 0).ToList();
        if (open.Sum(i => (long)capacities(i)) < total) return null;
        var left = total;
        // A node that would get more than it can hold is filled, and the others share the rest anew.
        while (left > 0)
        {
            var sum = open.Sum(i => shares[i]);
            var full = open.Where(i => left * (shares[i] / sum) >= capacities(i)).ToList();
            if (full.Count == 0) break;
            foreach (var i in full) left -= parts[i] = Math.Min(capacities(i), left);
            open.RemoveAll(full.Contains);
        }
        if (left > 0) RoundInto(parts, left, open, shares);
        return parts;
    }

    private static void RoundInto(int[] parts, int left, List<int> open, double[] shares)
    {
        var sum = open.Sum(i => shares[i]);
        var exact = open.Select(i => (Part: i, Value: left * (shares[i] / sum))).ToList();
        foreach (var (part, value) in exact) parts[part] = (int)value;
        var missing = left - open.Sum(i => parts[i]);
        // OrderBy is stable; below its capacity, each has room for the one more that rounding up gives.
        var byRemainder = exact.OrderByDescending(e => e.Value - Math.Floor(e.Value));
        foreach (var (part, _) in byRemainder.Take(missing)) parts[part]++;
    }
}
