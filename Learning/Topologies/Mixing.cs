namespace Orleans.FL.Learning.Topologies;

/// <summary>
/// The mixing matrix of one exchange, by rows and columns: who receives from whom, with which weight. Immutable, works
/// weights out when asked.
/// </summary>
/// <remarks>
/// Metropolis–Hastings: Xiao, Boyd, Systems and Control Letters 2004. On directed graphs, where it is not defined, we
/// take the larger of how many the receiver receives from and how many receive from the sender, so that both rows and
/// columns leave something for the node itself. With <c>maxPartners</c> the weight of a partner grows by the factor
/// that makes the expected matrix the one without sampling.
/// </remarks>
public sealed class Mixing
{
    private readonly Graph _all;
    private readonly TopologyOptions _options;

    /// <summary>The matrix of a graph.</summary>
    /// <param name="graph">Who could receive from whom.</param>
    /// <param name="options">How weights are made.</param>
    /// <param name="columns">Whether the weights of what a node sends sum to one (column-stochastic), not those of what
    /// it receives.</param>
    /// <param name="sampled">Who receives from whom, if it is not all of <paramref name="graph"/>: chosen by the
    /// receivers, or for columns by the senders.</param>
    public Mixing(Graph graph, TopologyOptions options, bool columns, Graph? sampled = null) =>
        (_all, _options, Columns, Graph) = (graph, options, columns, sampled ?? graph);

    /// <summary>Who receives from whom.</summary>
    public Graph Graph { get; }

    /// <summary>Whether columns sum to one: over all that receive from a node, and itself. Otherwise rows do.</summary>
    public bool Columns { get; }

    /// <summary>The nodes that a node receives from, itself aside, ascending by rank, with their weights.</summary>
    /// <param name="node">Rank of the receiver.</param>
    public IEnumerable<(int Node, double Weight)> Received(int node) =>
        Graph.Neighbours(node).Select(other => (other, Weight(node, other)));

    /// <summary>The nodes that receive from a node, itself aside, ascending by rank, with the weights of its update
    /// there.</summary>
    /// <param name="node">Rank of the sender.</param>
    public IEnumerable<(int Node, double Weight)> Sent(int node) =>
        Graph.Receivers(node).Select(other => (other, Weight(other, node)));

    /// <summary>The weight of a node for itself: what the others leave of 1.</summary>
    /// <param name="node">Rank of the node.</param>
    public double Own(int node)
    {
        var own = 1.0;
        foreach (var (_, weight) in Columns ? Sent(node) : Received(node)) own -= weight;
        return Rest(own);
    }

    /// <summary>What is left of 1, without what is only rounding.</summary>
    internal static double Rest(double left) => left < 1e-12 ? 0 : left;

    private double Weight(int node, int other) => _options.Mixing switch
    {
        TopologyOptions.Own => _all.Weight(node, other),
        TopologyOptions.Auto when _all.Weighted => _all.Weight(node, other),
        TopologyOptions.Lazy =>
            (_all.Weighted ? _all.Weight(node, other) : Metropolis(node, other)) * Scale(node, other) / 2,
        TopologyOptions.Uniform => 1.0 / (1 + (Columns ? Graph.ReceiverCount(other) : Graph.Degree(node))),
        TopologyOptions.EqualEdges => 1.0 / (1 + _all.LargestDegree) * Scale(node, other),
        _ => Metropolis(node, other) * Scale(node, other),
    };

    private double Metropolis(int node, int other) =>
        1.0 / (1 + Math.Max(_all.Degree(node), _all.ReceiverCount(other)));

    private double Scale(int node, int other) =>
        ReferenceEquals(_all, Graph)
            ? 1
            : Columns
                ? (double)_all.ReceiverCount(other) / Graph.ReceiverCount(other)
                : (double)_all.Degree(node) / Graph.Degree(node);
}
