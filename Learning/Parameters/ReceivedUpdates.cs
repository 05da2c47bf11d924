namespace Orleans.FL.Learning.Parameters;

/// <summary>All that a node received in one exchange: the updates one by one, or their exact sums, merged on the way.</summary>
/// <remarks>Both give the same means, bit for bit; merged sums cost one vector however many nodes were received.</remarks>
public sealed class ReceivedUpdates
{
    private readonly IReadOnlyList<ReceivedUpdate>? _updates;
    private readonly ExactSum? _weights;
    private readonly IReadOnlyDictionary<string, ExactSum>? _auxiliary;

    private ReceivedUpdates(int count, IReadOnlyList<ReceivedUpdate>? updates, ExactSum? weights, IReadOnlyDictionary<string, ExactSum>? auxiliary) =>
        (Count, _updates, _weights, _auxiliary) = (count, updates, weights, auxiliary);

    /// <summary>Number of updates received.</summary>
    public int Count { get; }

    /// <summary>The updates, in ascending order of rank; for algorithms that are not mergeable.</summary>
    /// <exception cref="InvalidOperationException">They were merged on the way.</exception>
    public IReadOnlyList<ReceivedUpdate> Updates => _updates ?? throw new InvalidOperationException(
        "The updates were merged on the way; an algorithm that needs each of them says so in Requires, with EachUpdate = true.");

    /// <summary>Updates received one by one.</summary>
    /// <param name="updates">The updates, in ascending order of rank.</param>
    public static ReceivedUpdates Of(IReadOnlyList<ReceivedUpdate> updates) => new(updates.Count, updates, null, null);

    /// <summary>Updates that were merged on the way.</summary>
    /// <param name="weights">Sum of weight·weights over the updates, two or more.</param>
    /// <param name="auxiliary">The same for their further vectors, by name.</param>
    public static ReceivedUpdates Merged(ExactSum weights, IReadOnlyDictionary<string, ExactSum> auxiliary) =>
        new(checked((int)weights.Terms), null, weights, auxiliary);

    /// <summary>The weighted mean of the updates' weights; the very vector if only one was received.</summary>
    public ParameterVector Mean() => _weights?.Mean() ?? Mean(h => h.Update.Weights);

    /// <summary>The weighted mean of a further vector of the updates; the very vector if only one was received.</summary>
    /// <param name="extra">Name of the vector.</param>
    public ParameterVector Mean(string extra) => _auxiliary?[extra].Mean() ?? Mean(h => h.Update.AuxiliaryVectors[extra]);

    /// <summary>The weighted sum of the updates' weights: for rows that are not means, such as those of column-stochastic mixing.</summary>
    public ParameterVector Total() => _weights?.Total() ?? Total(h => h.Update.Weights);

    /// <summary>The weighted sum of a further vector of the updates.</summary>
    /// <param name="extra">Name of the vector.</param>
    public ParameterVector Total(string extra) => _auxiliary?[extra].Total() ?? Total(h => h.Update.AuxiliaryVectors[extra]);

    private ParameterVector Total(Func<ReceivedUpdate, ParameterVector> part)
    {
        var sum = new ExactSum(part(Updates[0]).Length);
        sum.Add([.. Updates.Select(h => (part(h), h.Weight))]);
        return sum.Total();
    }

    private ParameterVector Mean(Func<ReceivedUpdate, ParameterVector> part) => Updates.Count == 1
        ? part(Updates[0])
        : ExactSum.WeightedMean([.. Updates.Select(h => (part(h), h.Weight))]);
}
