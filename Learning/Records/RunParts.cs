namespace Orleans.FL.Learning.Records;

/// <summary>The samples of one node, as indices into the dataset: an entry of <c>split.json</c>.</summary>
/// <param name="Node">Rank of the node.</param>
/// <param name="Train">Samples it trains on, of the dataset's training part.</param>
/// <param name="Validation">Samples held out, of the dataset's training part.</param>
/// <param name="Test">Its own test samples, of the dataset's test part.</param>
public sealed record NodeSplit(
    int Node, IReadOnlyList<int> Train, IReadOnlyList<int> Validation, IReadOnlyList<int> Test);

/// <summary>Who receives from whom: <c>graph.json</c>.</summary>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Exchanges">The edges of each exchange of the first round.</param>
public sealed record RunGraph(int Nodes, IReadOnlyList<IReadOnlyList<GraphEdge>> Exchanges)
{
    /// <summary>
    /// Rounds after which the topology's graphs repeat: 1 if they are all the same, 0 if they never do.
    /// </summary>
    public int Period { get; init; } = 1;

    /// <summary>
    /// Later rounds whose graph is another than that of the round before, in their order: those of one period, or
    /// the first ones.
    /// </summary>
    public IReadOnlyList<GraphRound> Later { get; init; } = [];
}

/// <summary>Who receives from whom from a round on.</summary>
/// <param name="Round">The round, from 1.</param>
/// <param name="Exchanges">The edges of each of its exchanges.</param>
public sealed record GraphRound(int Round, IReadOnlyList<IReadOnlyList<GraphEdge>> Exchanges);

/// <summary>What one node receives from another, or keeps of its own.</summary>
/// <param name="From">Rank of the node that sends.</param>
/// <param name="To">Rank of the node that receives.</param>
/// <param name="Weight">Weight of what it receives; the weights to one node add up to 1.</param>
public readonly record struct GraphEdge(int From, int To, double Weight);

/// <summary>Which identity sits at which rank: an entry of <c>seats.json</c>.</summary>
/// <param name="Node">Rank.</param>
/// <param name="Identity">Stable identity of the node.</param>
/// <param name="Silo">Where it sat when the run began; null if not known.</param>
public sealed record RunSeat(int Node, string Identity, string? Silo);
