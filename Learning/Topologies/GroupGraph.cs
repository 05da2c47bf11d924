namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// Groups of equal size in each of which all average: one round of a hyper-hypercube. Holds no lists.
/// </summary>
/// <param name="nodes">Number of nodes; a multiple of stride × size.</param>
/// <param name="stride">Distance of the members of a group.</param>
/// <param name="size">Members of a group.</param>
/// <remarks>
/// A node's number written with the digits of the factors of <paramref name="nodes"/>: the members of its group differ
/// in one digit.
/// </remarks>
public sealed class GroupGraph(int nodes, int stride, int size) : Graph
{
    /// <inheritdoc/>
    public override int Nodes => nodes;

    /// <inheritdoc/>
    public override bool Weighted => true;

    /// <inheritdoc/>
    public override int Degree(int node) => size - 1;

    /// <inheritdoc/>
    public override IEnumerable<int> Neighbours(int node)
    {
        var first = node - node / stride % size * stride;
        return Enumerable.Range(0, size).Select(d => first + d * stride).Where(i => i != node);
    }

    /// <inheritdoc/>
    public override double Weight(int node, int other) => 1.0 / size;
}
