namespace Orleans.FL.Learning.Parameters;

/// <summary>Sums block by block: many vectors in one pass over memory, and blocks that come from elsewhere.</summary>
public sealed partial class ExactSum
{
    /// <summary>Values that are summed together: their integers fit in a processor's nearest cache.</summary>
    internal const int BlockValues = Block;

    /// <summary>
    /// Adds weight·values of some vectors: what adding them one by one gives, in one pass over memory.
    /// </summary>
    /// <param name="terms">Vectors of the sum's length and their weights, each finite.</param>
    /// <exception cref="NotSummableException">A product is not finite or not below 2^30 in magnitude; the sum is
    /// unusable then.</exception>
    public void Add(IReadOnlyList<(ParameterVector Vector, double Weight)> terms)
    {
        foreach (var (vector, _) in terms)
            if (vector.Length != Length)
                throw new ArgumentException(
                    $"A vector of {vector.Length} values cannot be added to a sum of {Length}.");
        for (var done = 0; done < terms.Count;)
        {
            var count = Math.Min(terms.Count - done, TermsBetweenCarries - _sinceCarry);
            for (var start = 0; start < Length; start += Stretch)
            {
                var size = Math.Min(Stretch, Length - start);
                Accumulate(terms, done, count, start, _high.AsSpan(start, size), _low.AsSpan(start, size));
            }
            for (var t = done; t < done + count; t++) AddWeight(_weight, terms[t].Weight);
            Terms += count;
            _sinceCarry += count;
            if (_sinceCarry >= TermsBetweenCarries) Carry();
            done += count;
        }
    }

    /// <summary>
    /// The integers of the sum, carried: each low one is 0 … 2^50 - 1, each high one at most 2^62 in magnitude.
    /// </summary>
    internal (ReadOnlyMemory<long> High, ReadOnlyMemory<long> Low) Carried()
    {
        Carry();
        return (_high, _low);
    }

    /// <summary>The sum of the weights as integers, carried like the values.</summary>
    internal (long High, long Low) WeightLimbs => (_weight[0] + (_weight[1] >> 50), _weight[1] & ((1L << 50) - 1));

    /// <summary>The sum of some vectors over one block, carried.</summary>
    internal static void SumBlock(
        IReadOnlyList<(ParameterVector Vector, double Weight)> terms, int start, Span<long> high, Span<long> low)
    {
        high.Clear();
        low.Clear();
        Accumulate(terms, start, high, low);
        Carry(high, low, start);
    }

    /// <summary>The sum of some weights as integers, carried.</summary>
    internal static (long High, long Low) SumWeights(IEnumerable<double> weights)
    {
        var sum = new long[2];
        foreach (var weight in weights) AddWeight(sum, weight);
        return (sum[0], sum[1]);
    }

    /// <summary>
    /// Adds a carried block; the weights and the number of its terms come with <see cref="MergeHeader"/>.
    /// </summary>
    internal void MergeBlock(int start, ReadOnlySpan<long> high, ReadOnlySpan<long> low)
    {
        var highs = _high.AsSpan(start, high.Length);
        var lows = _low.AsSpan(start, low.Length);
        Carry(highs, lows, start); // makes room: neither number is past 2^62 then
        for (var i = 0; i < high.Length; i++)
        {
            highs[i] += high[i];
            lows[i] += low[i];
        }
        Carry(highs, lows, start);
    }

    /// <summary>Adds the weights and the number of terms of a sum whose blocks are merged one by one.</summary>
    internal void MergeHeader(long terms, long weightHigh, long weightLow)
    {
        Terms = checked(Terms + terms);
        _weight[0] = checked(_weight[0] + weightHigh);
        _weight[1] += weightLow;
        var carry = _weight[1] >> 50;
        _weight[0] += carry;
        _weight[1] -= carry << 50;
    }

    private static void Carry(Span<long> high, Span<long> low, int start)
    {
        for (var i = 0; i < high.Length; i++)
        {
            var carry = low[i] >> 50;
            high[i] += carry;
            low[i] -= carry << 50;
            if (high[i] is > 1L << 62 or < -(1L << 62))
                throw new NotSummableException(
                    $"The sum at index {start + i} is beyond 4.4e12 in magnitude: the weights have diverged.");
        }
    }
}
