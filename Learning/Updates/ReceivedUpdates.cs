using Orleans.FL.Learning.Parameters;

namespace Orleans.FL.Learning.Updates;

/// <summary>
/// All that a node received in one exchange: the updates one by one, their exact sums, merged on the way, or what the
/// experiment's aggregator made of them on the way.
/// </summary>
/// <remarks>All give the same means, bit for bit; the last two cost one vector however many updates were
/// received.</remarks>
public sealed class ReceivedUpdates
{
    private readonly IReadOnlyList<ReceivedUpdate>? _updates;
    private readonly ExactSum? _weights;
    private readonly IReadOnlyDictionary<string, ExactSum>? _auxiliary;
    private readonly Aggregation? _aggregation;
    private readonly Update? _aggregate;

    private ReceivedUpdates(int count, IReadOnlyList<ReceivedUpdate>? updates, ExactSum? weights,
        IReadOnlyDictionary<string, ExactSum>? auxiliary) =>
        (Count, _updates, _weights, _auxiliary) = (count, updates, weights, auxiliary);

    private ReceivedUpdates(ReceivedUpdates received, Aggregation aggregation)
        : this(received.Count, received.Updates, null, null) =>
        _aggregation = aggregation;

    private ReceivedUpdates(int count, Update aggregate) : this(count, null, null, null) => _aggregate = aggregate;

    /// <summary>Whether the experiment's aggregator has made one update of them.</summary>
    public bool IsAggregated => _aggregate is not null;

    /// <summary>Number of updates received.</summary>
    public int Count { get; }

    /// <summary>The updates, in ascending order of rank; for algorithms that are not mergeable.</summary>
    /// <exception cref="InvalidOperationException">They were merged on the way.</exception>
    public IReadOnlyList<ReceivedUpdate> Updates => _updates ?? throw new InvalidOperationException("The updates were "
        + "merged on the way; an algorithm that needs each of them says so in Requires, with EachUpdate = true.");

    /// <summary>Updates received one by one.</summary>
    /// <param name="updates">The updates, in ascending order of rank.</param>
    public static ReceivedUpdates Of(IReadOnlyList<ReceivedUpdate> updates) => new(updates.Count, updates, null, null);

    /// <summary>Updates that were merged on the way.</summary>
    /// <param name="weights">Sum of weight·weights over the updates, two or more.</param>
    /// <param name="auxiliary">The same for their further vectors, by name.</param>
    public static ReceivedUpdates Merged(ExactSum weights, IReadOnlyDictionary<string, ExactSum> auxiliary) =>
        new(checked((int)weights.Terms), null, weights, auxiliary);

    /// <summary>Updates that the experiment's aggregator made one of, block by block on the way.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="aggregate">What it made of them.</param>
    public static ReceivedUpdates Aggregated(int count, Update aggregate) => new(count, aggregate);

    /// <summary>
    /// The same updates; what <see cref="Mean()"/> gives is made of them by an aggregator from now on.
    /// </summary>
    /// <param name="aggregation">What makes one vector of theirs.</param>
    public ReceivedUpdates Through(Aggregation aggregation) => new(this, aggregation);

    /// <summary>
    /// The experiment's aggregate of the updates' weights: their weighted mean by default; the vector itself if only
    /// one was received.
    /// </summary>
    public ParameterVector Mean() =>
        _aggregate?.Weights ?? _aggregation?.Invoke(u => u.Weights) ?? _weights?.Mean() ?? Mean(h => h.Update.Weights);

    /// <summary>The same of a further vector of the updates.</summary>
    /// <param name="name">Name of the vector.</param>
    public ParameterVector Mean(string name) =>
        _aggregate?.AuxiliaryVectors[name] ?? _aggregation?.Invoke(u => u.AuxiliaryVectors[name])
            ?? _auxiliary?[name].Mean() ?? Mean(h => h.Update.AuxiliaryVectors[name]);

    /// <summary>
    /// The weighted sum of the updates' weights: for rows that are not means, such as those of
    /// column-stochastic mixing.
    /// </summary>
    public ParameterVector Total() => Summed()._weights?.Total() ?? Total(h => h.Update.Weights);

    /// <summary>The weighted sum of a further vector of the updates.</summary>
    /// <param name="name">Name of the vector.</param>
    public ParameterVector Total(string name) =>
        Summed()._auxiliary?[name].Total() ?? Total(h => h.Update.AuxiliaryVectors[name]);

    private ReceivedUpdates Summed() =>
        _aggregation is null && _aggregate is null ? this : throw new InvalidOperationException("A weighted sum was "
            + "asked for, which only the aggregator weighted-mean leaves as it is; the checks should have refused "
            + "the experiment.");

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
