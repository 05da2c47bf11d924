namespace Orleans.FL.Learning.Plans;

/// <summary>The samples of all nodes are pooled at one, the server of the start, which alone trains; all members take
/// part.</summary>
internal sealed class PooledProtocol(Plan plan) : RoundProtocol(plan)
{
    /// <inheritdoc/>
    public override bool Trains(int node, int round) => node == Plan.Members(0).Server && Plan.Members(round).Has(node);
}
