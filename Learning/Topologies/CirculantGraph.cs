namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// A graph whose nodes are all alike: node i receives from i + offset modulo the number of nodes, for each offset.
/// Holds no lists.
/// </summary>
/// <param name="nodes">Number of nodes.</param>
/// <param name="offsets">The offsets, each from 1 to nodes - 1 and once, with their weights, which sum to at
/// most 1.</param>
public sealed class CirculantGraph(int nodes, IReadOnlyDictionary<int, double> offsets) : Graph
{
    /// <inheritdoc/>
    public override int Nodes => nodes;

    /// <inheritdoc/>
    public override bool Directed { get; } = offsets.Any(o => !offsets.TryGetValue(nodes - o.Key, out var back)
        || back != o.Value);

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    public override int Degree(int node) => offsets.Count;

    /// <inheritdoc/>
    public override IEnumerable<int> Neighbours(int node) => offsets.Keys.Select(o => (node + o) % nodes).Order();

    /// <inheritdoc/>
    public override IEnumerable<int> Receivers(int node) =>
        offsets.Keys.Select(o => (node + nodes - o) % nodes).Order();

    /// <inheritdoc/>
    public override double Weight(int node, int other) => offsets[(other + nodes - node) % nodes];
}
