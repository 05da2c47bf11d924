namespace Orleans.FL.Learning.Topologies;

/// <summary>Pairs: each node has one neighbour or none.</summary>
/// <param name="partners">For each node its partner, or the node itself if it has none; symmetric.</param>
/// <param name="weight">The graph's own weight of a partner; 0 if it has no weights.</param>
public sealed class MatchingGraph(int[] partners, double weight = 0) : Graph
{
    /// <inheritdoc/>
    public override int Nodes => partners.Length;

    /// <inheritdoc/>
    public override bool Weighted => weight > 0;

    /// <inheritdoc/>
    public override int Degree(int node) => partners[node] == node ? 0 : 1;

    /// <inheritdoc/>
    public override IEnumerable<int> Neighbours(int node) => partners[node] == node ? [] : [partners[node]];

    /// <inheritdoc/>
    public override double Weight(int node, int other) => Weighted ? weight : base.Weight(node, other);
}
