namespace Orleans.FL.Learning.Plans;

/// <summary>All members take part in each round, and wait for each other; all of them train, or a share of them that
/// is drawn anew.</summary>
internal sealed class SynchronousProtocol(Plan plan) : RoundProtocol(plan)
{
    private readonly ClientSample? _sample = ClientSample.Of(plan);

    /// <inheritdoc/>
    public override bool Trains(int node, int round) =>
        Plan.Members(round).Has(node) && (_sample is null || _sample.Of(round).Has(node));

    /// <inheritdoc/>
    public override IEnumerable<int> Trainers(int round) =>
        _sample is null ? Plan.Members(round).Ranks : _sample.Of(round).Ranks;
}
