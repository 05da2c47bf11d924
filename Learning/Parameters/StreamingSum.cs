namespace Orleans.FL.Learning.Parameters;

/// <summary>
/// Sums the vectors that one lane makes, while they are in its cache; gives the memory of those that nobody else holds
/// to the next ones.
/// </summary>
/// <remarks>
/// A few vectors at a time are summed together, so that the integers of the sum, four times as many bytes as a vector,
/// are read and written once for all of them.
/// </remarks>
/// <param name="sum">What they are summed into; empty.</param>
public sealed class StreamingSum(ExactSum sum)
{
    private const int Together = 4;

    private readonly List<(ParameterVector Vector, double Weight)> _waiting = new(Together);
    private readonly List<ParameterVector> _given = new(Together);

    /// <summary>Adds weight·vector.</summary>
    /// <param name="vector">The vector.</param>
    /// <param name="weight">Its weight; finite.</param>
    /// <param name="given">Whether nobody else holds the vector: it is unreadable from now on.</param>
    /// <exception cref="NotSummableException">A product is not finite or not below 2^30 in magnitude; the sum is
    /// unusable then.</exception>
    public void Add(ParameterVector vector, double weight, bool given)
    {
        _waiting.Add((vector, weight));
        if (given) _given.Add(vector);
        if (_waiting.Count < Together) return;
        sum.Add(_waiting);
        foreach (var mine in _given) mine.GiveBack();
        _waiting.Clear();
        _given.Clear();
    }

    /// <summary>The sum of all that was added.</summary>
    /// <exception cref="NotSummableException">As when adding.</exception>
    public ExactSum Complete()
    {
        sum.Add(_waiting);
        _waiting.Clear();
        _given.Clear(); // to the collector: this need not be the lane's thread
        return sum;
    }
}
